/// What a quantized model has to keep to. Operators are put back to floating point until it does.
public struct PrecisionLimits: Codable, Hashable, Sendable {
    /// The accuracy that may be lost, in points of 100; the fewest operators that reach it stay in floating point.
    ///
    /// Without labels, the share of samples that are answered otherwise than before.
    public var maximumDrop: Double?
    /// The file size or latency that must not be exceeded. As many operators as it allows stay in floating point, those
    /// first to which INT8 does most harm.
    public var budget: PruningTarget?
    /// How many samples the drop is measured on. They are none of those that ranges are measured on.
    public var samples: Int

    public init(maximumDrop: Double? = nil, budget: PruningTarget? = nil, samples: Int = 1000) {
        self.maximumDrop = maximumDrop
        self.budget = budget
        self.samples = samples
    }
}
