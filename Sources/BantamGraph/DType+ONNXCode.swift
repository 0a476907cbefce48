extension DType {
    /// The type that ONNX's `TensorProto.DataType` gives this number, as in the attribute `to` of `Cast`.
    ///
    /// - Returns: `nil` for types without a counterpart here: strings, complex numbers and 8-bit floats.
    public init?(onnxCode: Int) {
        guard let dtype = Self.allCases.first(where: { $0.onnxCode == onnxCode }) else { return nil }
        self = dtype
    }

    /// The number of this type in ONNX's `TensorProto.DataType`.
    public var onnxCode: Int {
        switch self {
        case .float32: 1
        case .uint8: 2
        case .int8: 3
        case .uint16: 4
        case .int16: 5
        case .int32: 6
        case .int64: 7
        case .bool: 9
        case .float16: 10
        case .float64: 11
        case .uint32: 12
        case .uint64: 13
        case .bfloat16: 16
        case .uint4: 21
        case .int4: 22
        }
    }
}
