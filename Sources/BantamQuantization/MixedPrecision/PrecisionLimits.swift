public import BantamModel

/// What a quantized model has to keep to. Operators are left in floating point, or get narrower weights, until it does.
public struct PrecisionLimits: Codable, Hashable, Sendable {
    /// The accuracy that may be lost, in points of 100; the fewest operators that reach it stay in floating point.
    ///
    /// Without labels, the share of samples that are answered otherwise than before.
    public var maximumDrop: Double?
    /// The file size or latency that must not be exceeded.
    ///
    /// As many of the operators that INT8 harms as it allows stay in floating point, those first to which it does most: for
    /// each byte that they take, where the size is limited. Their weights are then stored as bfloat16. Where the file would
    /// be too large with all in INT8, the operators that lose least have weights of four bits.
    public var budget: PruningTarget?
    /// How many samples the drop is measured on. They are none of those that ranges are measured on.
    public var samples: Int
    /// What INT8 may do to the answers in all operators together that are not worth floating point, whatever the budget;
    /// `nil` for ``usualNegligibleDivergence``. Unit: nats.
    public var negligibleDivergence: Double?

    /// By Pinsker's inequality, probabilities move by some 2 % at most.
    public static let usualNegligibleDivergence = 1e-3

    public init(
        maximumDrop: Double? = nil, budget: PruningTarget? = nil, samples: Int = 1000,
        negligibleDivergence: Double? = nil
    ) {
        self.maximumDrop = maximumDrop
        self.budget = budget
        self.samples = samples
        self.negligibleDivergence = negligibleDivergence
    }
}
