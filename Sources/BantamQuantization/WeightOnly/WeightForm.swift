package import BantamGraph

/// In what form a model keeps its weights while it computes in float32.
public enum WeightForm: String, Hashable, Sendable, Codable, CaseIterable {
    /// A byte for a number, and scales.
    case int8
    /// Half a byte for a number, and scales.
    case int4
    /// Eleven significant bits, up to 65,504.
    case float16
    /// Eight significant bits, with float32's range.
    case bfloat16

    /// The forms that take less room, the most exact first.
    package var narrower: [WeightForm] {
        switch self {
        case .float16, .bfloat16: [.int8, .int4]
        case .int8: [.int4]
        case .int4: []
        }
    }

    /// The floating-point type that it is; `nil` for integers.
    package var float: DType? {
        switch self {
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .int8, .int4: nil
        }
    }

    public var isInteger: Bool { float == nil }
}
