import BantamGraph
import BantamONNX
import FuzzTarget

/// Reads bytes as an ONNX model; what can be read is checked and analysed too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzONNX(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.run(bytes, count) { path in
        // A gzipped input may expand to a thousand times its size, which the meter would count.
        var limits = ONNXLimits()
        limits.expandedBytes = .mebibytes(8)
        guard let file = try? ONNXFile.read(path, limits: limits), (try? Verifier.verify(file.graph)) != nil else {
            return
        }
        _ = try? CostAnalysis(of: file.graph)
    }
}
