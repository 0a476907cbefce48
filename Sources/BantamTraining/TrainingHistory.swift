/// What one epoch of a training came to.
public struct EpochRecord: Codable, Hashable, Sendable {
    /// From 1; 0 is the model before the training.
    public var epoch: Int
    /// The mean over the epoch; `nil` before the training.
    public var loss: Double?
    /// The share of right answers to the training samples as they came, changed by augmentation and during the epoch,
    /// 0...1; `nil` where there are no labels.
    public var accuracy: Double?
    /// On samples that are not trained on.
    public var heldOutLoss: Double?
    public var heldOutAccuracy: Double?
    /// How many they are.
    public var heldOutSamples: Int?
    /// At the end of the epoch.
    public var learningRate: Double?
    /// From the start of the training, or from its resumption.
    public var seconds: Double

    /// For which epoch's weights to keep: accuracy where there are labels, and of equal ones the lower loss. Larger is
    /// better.
    var score: Double? {
        guard let loss = heldOutLoss else { return nil }
        let tie = min(max(loss, 0), 1e3)
        return heldOutAccuracy.map { $0 - tie * 1e-7 } ?? -loss
    }
}

/// How BatchNorm's statistics of a trained model were found, and whether they suit its weights.
public struct StatisticsRecord: Codable, Hashable, Sendable {
    /// Training samples, unaugmented.
    public var samples: Int
    /// Whether the statistics were measured anew after the training; else the running ones were better.
    public var measuredAnew: Bool
    /// With each batch's own statistics, as in training.
    public var batchLoss: Double
    public var batchAccuracy: Double?
    /// With the stored statistics, as in the exported file.
    public var storedLoss: Double
    public var storedAccuracy: Double?

    /// A warning where the exported model answers otherwise than the trained one did; `nil` where they agree.
    public var warning: String? {
        guard let batchAccuracy, let storedAccuracy, batchAccuracy - storedAccuracy > Self.tolerance else { return nil }
        func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
        return
            "BatchNorm's statistics do not suit the weights: on training samples \(percent(batchAccuracy)) are right "
            + "with the statistics of each batch and \(percent(storedAccuracy)) with the stored ones; train longer, with a "
            + "lower --learning-rate or a larger --batch-size"
    }

    private static let tolerance = 0.02
}
