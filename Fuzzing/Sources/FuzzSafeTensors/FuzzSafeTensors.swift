import BantamGraph
import BantamNetwork
import FuzzTarget

/// Reads bytes as safetensors, and every byte of every tensor.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSafeTensors(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.run(bytes, count) { path in
        guard let file = try? SafeTensors.read(path) else { return }
        for tensor in file.tensors.values { _ = tensor.withUnsafeBytes { $0.reduce(0, ^) } }
    }
}
