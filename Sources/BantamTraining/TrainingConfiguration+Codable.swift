extension TrainingConfiguration {
    private enum Keys: String, CodingKey {
        case epochs, batchSize, optimizer, schedule, rateAfterClassifierFit, labelSmoothing, averageDecay,
            earlyStopping, keepsBest, precision
        case augmentation, views, gradientClipping, freezeAfter, freeze, backboneRate, balance, seed
    }

    /// Reads what an earlier version stored, or what a person wrote: all but the epochs have defaults.
    ///
    /// - Throws: `DecodingError` for numbers that no training can have.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        func value<Value: Decodable>(_ key: Keys, _ usual: Value) throws -> Value {
            try container.decodeIfPresent(Value.self, forKey: key) ?? usual
        }
        func require(_ isSound: Bool, _ key: Keys, _ rule: String) throws {
            guard isSound else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "\(key.stringValue) must be \(rule)")
            }
        }
        let usual = TrainingConfiguration(epochs: 1)
        self.init(
            epochs: try container.decode(Int.self, forKey: .epochs),
            batchSize: try value(.batchSize, usual.batchSize), optimizer: try value(.optimizer, usual.optimizer),
            schedule: try value(.schedule, usual.schedule),
            rateAfterClassifierFit: try container.decodeIfPresent(Double.self, forKey: .rateAfterClassifierFit),
            labelSmoothing: try value(.labelSmoothing, usual.labelSmoothing),
            averageDecay: try value(.averageDecay, usual.averageDecay),
            earlyStopping: try container.decodeIfPresent(EarlyStopping.self, forKey: .earlyStopping),
            keepsBest: try value(.keepsBest, usual.keepsBest), precision: try value(.precision, usual.precision),
            augmentation: try value(.augmentation, usual.augmentation),
            views: try container.decodeIfPresent(Int.self, forKey: .views),
            gradientClipping: try value(.gradientClipping, usual.gradientClipping),
            freezeAfter: try container.decodeIfPresent(Double.self, forKey: .freezeAfter),
            freeze: try container.decodeIfPresent(LayerFreeze.self, forKey: .freeze),
            backboneRate: try value(.backboneRate, usual.backboneRate), balance: try value(.balance, usual.balance),
            seed: try value(.seed, usual.seed))
        try require((0...Self.mostEpochs).contains(epochs), .epochs, "from 0 to \(Self.mostEpochs)")
        try require((1...Self.largestBatch).contains(batchSize), .batchSize, "from 1 to \(Self.largestBatch)")
        try require((0..<1).contains(labelSmoothing), .labelSmoothing, "at least 0 and below 1")
        try require((0..<1).contains(averageDecay), .averageDecay, "at least 0 and below 1")
        try require(gradientClipping >= 0 && gradientClipping.isFinite, .gradientClipping, "0 or more")
        try require(schedule.peak > 0 && schedule.peak.isFinite, .schedule, "of a positive rate")
        if let rate = rateAfterClassifierFit {
            try require(rate > 0 && rate.isFinite, .rateAfterClassifierFit, "more than 0")
        }
        try require(backboneRate > 0 && backboneRate.isFinite, .backboneRate, "more than 0")
        try require(views ?? 1 >= 1, .views, "1 or more")
    }

    /// Far beyond any training, and far from overflow.
    public static let mostEpochs = 1_000_000
    public static let largestBatch = 1_000_000
}
