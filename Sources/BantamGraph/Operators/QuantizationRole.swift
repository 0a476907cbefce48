/// How an operator takes part in INT8 inference.
public enum QuantizationRole: Sendable, Hashable {
    /// Stays in floating point.
    case float
    /// Computes on integers: each input is quantized as its slot says, and so is the output.
    case integer(inputs: [SlotQuantization])
    /// Moves or selects values without changing them: whatever scale the input has, the output has too.
    case transparent

    /// What an input slot of an integer operator holds.
    public enum SlotQuantization: Sendable, Hashable {
        case activation
        /// A constant with one scale for each index along `channelAxis`.
        case weight(channelAxis: Int)
        /// A constant in int32, at the product of the input's and the weight's scales.
        case bias
        case float
    }
}
