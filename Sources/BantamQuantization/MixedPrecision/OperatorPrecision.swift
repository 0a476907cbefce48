/// What an operator of a quantized model computes in, and what its weight is stored as.
public enum OperatorPrecision: String, Codable, Hashable, Sendable {
    /// Activations and weights are integers.
    case int8
    case float32
    /// The weight is stored as bfloat16; what it is multiplied by is in floating point.
    case bfloat16
    /// The weight is stored in four bits, in groups with a scale each; what it is multiplied by is in floating point.
    case int4
}
