/// How activations are measured, how rounding errors are made small, and for which hardware integers are chosen.
public struct StaticQuantizationConfiguration: Codable, Hashable, Sendable {
    /// The name of a ``TargetProfile``.
    public var target: String
    /// How many training samples the ranges are measured on.
    public var samples: Int
    /// Chooses the samples.
    public var seed: UInt64
    /// What the result has to keep to; `nil` to compute in integers wherever the target can.
    public var limits: PrecisionLimits?
    /// What is done; with ``choosesScheme`` where the choice begins.
    public var scheme: QuantizationScheme
    /// Whether schemes are compared on samples set aside, and the best is taken.
    public var choosesScheme: Bool
    /// How weights are rounded.
    public var rounding: WeightRounding
    /// Whether more is done where the outputs differ much from the float model's: compensated rounding, clipped ranges,
    /// layers left in floating point. Not where limits are asked for; where another rounding than the nearest is, only if
    /// that leaves the outputs poor.
    public var improves: Bool
    var mayImprove: Bool { improves && limits == nil }
    /// What the model's input holds.
    public var input: ModelInput

    /// What the input of a model of images holds.
    public enum ModelInput: String, Codable, Hashable, Sendable, CaseIterable {
        /// Numbers that have been normalized.
        case float32
        /// The pixels' bytes; the model normalizes them itself.
        case uint8
    }

    /// The name of the ``Calibrator`` of ``scheme``.
    public var calibrator: String {
        get { scheme.calibrator }
        set { scheme.calibrator = newValue }
    }

    public init(
        target: String = TargetProfile.x86VNNI.name, calibrator: String = QuantizationScheme().calibrator,
        samples: Int = 512, seed: UInt64 = 0, limits: PrecisionLimits? = nil,
        equalizes: Bool = QuantizationScheme().equalizes,
        correctsBias: Bool = QuantizationScheme().correctsBias, choosesScheme: Bool = false,
        rounding: WeightRounding = .nearest, improves: Bool = true, input: ModelInput = .float32
    ) {
        self.target = target
        self.samples = samples
        self.seed = seed
        self.limits = limits
        scheme = QuantizationScheme(calibrator: calibrator, equalizes: equalizes, correctsBias: correctsBias)
        self.choosesScheme = choosesScheme
        self.rounding = rounding
        self.improves = improves
        self.input = input
    }

    // Flat, and with defaults for all, so that a recipe states what it cares about.
    private enum CodingKeys: String, CodingKey {
        case target, calibrator, samples, seed, limits, equalizes, correctsBias, isSymmetric, choosesScheme, rounding,
            improves, input
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ defaultValue: Value) throws -> Value {
            try container.decodeIfPresent(Value.self, forKey: key) ?? defaultValue
        }
        let usual = Self()
        self.init(
            target: try value(.target, usual.target), calibrator: try value(.calibrator, usual.calibrator),
            samples: try value(.samples, usual.samples), seed: try value(.seed, usual.seed),
            limits: try container.decodeIfPresent(PrecisionLimits.self, forKey: .limits),
            equalizes: try value(.equalizes, usual.scheme.equalizes),
            correctsBias: try value(.correctsBias, usual.scheme.correctsBias),
            choosesScheme: try value(.choosesScheme, usual.choosesScheme),
            rounding: try value(.rounding, usual.rounding), improves: try value(.improves, usual.improves),
            input: try value(.input, usual.input))
        scheme.isSymmetric = try value(.isSymmetric, usual.scheme.isSymmetric)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(target, forKey: .target)
        try container.encode(scheme.calibrator, forKey: .calibrator)
        try container.encode(samples, forKey: .samples)
        try container.encode(seed, forKey: .seed)
        try container.encodeIfPresent(limits, forKey: .limits)
        try container.encode(scheme.equalizes, forKey: .equalizes)
        try container.encode(scheme.correctsBias, forKey: .correctsBias)
        try container.encode(scheme.isSymmetric, forKey: .isSymmetric)
        try container.encode(choosesScheme, forKey: .choosesScheme)
        try container.encode(rounding, forKey: .rounding)
        try container.encode(improves, forKey: .improves)
        try container.encode(input, forKey: .input)
    }
}
