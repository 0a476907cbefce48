public import BantamGraph
import CTorch

/// A tensor to compute with: on a device, with a gradient when asked for.
///
/// A reference to memory that libtorch owns, freed when the last reference goes. Operators are methods, or any of
/// ATen's by name (``ATenOperation``); all of them throw, since shapes come from users' models and memory runs out.
///
/// ```swift
/// let image = try Tensor(data)                            // [N, C, H, W]
/// let logits = try image.reshaped(to: [-1, 784]).multiplied(byMatrix: weight)
/// let classes = try logits.argmax(axis: 1).data()         // [N], int64
/// ```
///
/// Not `Sendable`: hand ``/BantamGraph/TensorData`` to other tasks, or send the only reference. Python's and .NET's
/// bindings need scopes that dispose of tensors early; here reference counting frees each one at its last use.
public final class Tensor {
    let handle: OpaquePointer

    /// Takes over one reference.
    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { Torch.loaded.pointee.release_tensor(handle) }

    /// Copies data to a device.
    ///
    /// - Throws: `unsupported` for four-bit types, `outOfMemory`, `missingLibrary`.
    public convenience init(_ data: TensorData, device: Device = .cpu) throws(TorchError) {
        let host = try Tensor.empty(data.shape, data.dtype)
        data.withUnsafeBytes { bytes in
            guard let target = host.info.data else { return }
            UnsafeMutableRawBufferPointer(start: target, count: bytes.count).copyMemory(from: bytes)
        }
        let result = device == .cpu ? host : try host.moved(to: device)
        self.init(owning: result.shareHandle())
    }

    /// A scalar.
    public convenience init<Element: TensorElement>(
        scalar: Element, device: Device = .cpu
    ) throws(TorchError) {
        try self.init(TensorData(scalar: scalar), device: device)
    }

    /// Copies the elements to host memory, in row-major order.
    public func data() throws(TorchError) -> TensorData {
        let host = try detached().moved(to: .cpu).contiguous()
        return host.withExtendedInfo { info in
            let type = host.type
            let bytes = UnsafeRawBufferPointer(start: info.data, count: info.data == nil ? 0 : type.byteCount.bytes)
            return TensorData(type, storage: TensorStorage(copying: bytes))
        }
    }

    /// The value of a tensor with one element.
    ///
    /// - Throws: `operationFailed` when it has more.
    public func item() throws(TorchError) -> Double {
        let results = try ATen.item(.tensor(self))
        guard let number = results.first?.number else {
            throw .missingResult("aten::item", found: "\(results)")
        }
        return number
    }

    public var shape: Shape {
        withExtendedInfo { info in
            Shape(UnsafeBufferPointer(start: info.sizes, count: Int(info.rank)).lazy.map(Int.init))
        }
    }

    /// In elements, outermost axis first.
    public var strides: [Int] {
        withExtendedInfo { info in
            UnsafeBufferPointer(start: info.strides, count: info.strides == nil ? 0 : Int(info.rank)).map(Int.init)
        }
    }

    /// - Precondition: a type that ONNX has, which excludes complex numbers.
    public var dtype: DType {
        let number = info.dtype
        guard let dtype = DType(native: number) else { preconditionFailure("element type \(number) has no DType") }
        return dtype
    }

    public var type: TensorType { TensorType(dtype, shape) }
    public var rank: Int { Int(info.rank) }
    public var device: Device { Device(info.device) }
    public var isContiguous: Bool { info.is_contiguous != 0 }
    /// Whether channels are innermost in memory, for `[N, C, H, W]` and `[N, C, T, H, W]`.
    public var isChannelsLast: Bool { info.is_channels_last != 0 }

    /// References to tensors that the process holds.
    public static var liveCount: Int {
        (try? Torch.table()).map { Int($0.pointee.live_tensors()) } ?? 0
    }

    /// References made less those released by the calling thread. It returns to its start after code that leaks
    /// nothing, whatever other threads do meanwhile.
    public static var liveCountOnThread: Int {
        (try? Torch.table()).map { Int($0.pointee.live_tensors_on_thread()) } ?? 0
    }

    var info: ctorch_tensor_info {
        var info = ctorch_tensor_info()
        Torch.loaded.pointee.describe(handle, &info)
        return info
    }

    /// For what follows pointers of the description, which die with the tensor.
    private func withExtendedInfo<Result>(_ body: (ctorch_tensor_info) -> Result) -> Result {
        withExtendedLifetime(self) { body(info) }
    }

    /// A second reference to the same tensor, owned by the caller.
    private func shareHandle() -> OpaquePointer {
        Torch.loaded.pointee.share_tensor(handle)
    }
}

extension Tensor: CustomStringConvertible {
    /// Type, shape and, unless it is the CPU, device: `"float32[2, 3] on cuda:0"`.
    public var description: String {
        let dtype = DType(native: info.dtype)?.rawValue ?? "dtype\(info.dtype)"
        return "\(dtype)\(shape)" + (device == .cpu ? "" : " on \(device)")
    }
}
