import BantamGraph
import CTorch

extension DType {
    /// libtorch's number of this type; `nil` for the four-bit types, of which it has no tensors.
    var native: ctorch_dtype? {
        switch self {
        case .float64: CTORCH_FLOAT64
        case .float32: CTORCH_FLOAT32
        case .float16: CTORCH_FLOAT16
        case .bfloat16: CTORCH_BFLOAT16
        case .int64: CTORCH_INT64
        case .int32: CTORCH_INT32
        case .int16: CTORCH_INT16
        case .int8: CTORCH_INT8
        case .uint64: CTORCH_UINT64
        case .uint32: CTORCH_UINT32
        case .uint16: CTORCH_UINT16
        case .uint8: CTORCH_UINT8
        case .bool: CTORCH_BOOL
        case .int4, .uint4: nil
        }
    }

    /// `nil` for types that ONNX lacks, such as complex numbers.
    init?(native: Int32) {
        let dtype = DType.allCases.first { $0.native?.rawValue == native }
        guard let dtype else { return nil }
        self = dtype
    }
}
