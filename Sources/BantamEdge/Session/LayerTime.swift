public import BantamGraph
import COpenVINO

/// What one layer of a compiled model took in the last run.
public struct LayerTime: Hashable, Sendable, Codable {
    /// The layer's name in the runtime, most often that of the node it came from.
    public var name: String
    /// The runtime's operation, such as `"Convolution"`.
    public var type: String
    /// The kernel, such as `"brgconv_avx512"`.
    public var kernel: String
    /// The type it computed in; `nil` where the kernel does not say.
    ///
    /// This is what tells an INT8 model that runs in INT8 from one that the runtime turned back into float.
    public var precision: DType?
    public var microseconds: Int

    init(_ layer: copenvino_layer) {
        name = String(cString: layer.name)
        type = String(cString: layer.type)
        microseconds = Int(layer.microseconds)
        (kernel, precision) = Self.parse(execution: String(cString: layer.execution))
    }

    /// OpenVINO writes kernel and type as one: `brgconv_avx512_f32`, `brgconv_avx512_I8`.
    static func parse(execution: String) -> (kernel: String, precision: DType?) {
        guard let separator = execution.lastIndex(of: "_"),
            let precision = precisions[execution[execution.index(after: separator)...].lowercased()]
        else { return (execution, nil) }
        return (String(execution[..<separator]), precision)
    }

    private static let precisions: [String: DType] = [
        "f32": .float32, "fp32": .float32, "f16": .float16, "fp16": .float16, "bf16": .bfloat16, "f64": .float64,
        "i8": .int8, "u8": .uint8, "i32": .int32, "i64": .int64,
    ]
}
