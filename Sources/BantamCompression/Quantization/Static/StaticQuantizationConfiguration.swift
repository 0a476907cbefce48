/// How activations are measured and for which hardware integers are chosen.
public struct StaticQuantizationConfiguration: Codable, Hashable, Sendable {
    /// The name of a ``TargetProfile``.
    public var target: String
    /// The name of a ``Calibrator``.
    public var calibrator: String
    /// How many training samples the ranges are measured on.
    public var samples: Int
    /// Chooses the samples.
    public var seed: UInt64
    /// What the result has to keep to; `nil` to compute in integers wherever the target can.
    public var limits: PrecisionLimits?

    public init(
        target: String = TargetProfile.x86VNNI.name, calibrator: String = MinMax.name, samples: Int = 512,
        seed: UInt64 = 0, limits: PrecisionLimits? = nil
    ) {
        self.target = target
        self.calibrator = calibrator
        self.samples = samples
        self.seed = seed
        self.limits = limits
    }
}
