/// Ends a training that no longer improves.
///
/// A pure value: it is told each epoch's score and answers what to do.
public struct EarlyStopping: Codable, Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// The best score so far: keep these weights.
        case keepBest
        case goOn
        case stop
    }

    /// Epochs without improvement after which training stops.
    public var patience: Int
    /// The least gain that counts as improvement, in the score's unit.
    public var minimumGain: Double
    public private(set) var best: Double?
    public private(set) var epochsSinceBest = 0

    public init(patience: Int, minimumGain: Double = 0) {
        self.patience = patience
        self.minimumGain = minimumGain
    }

    /// Whether the last score ended the training.
    public var isOutOfPatience: Bool { epochsSinceBest >= max(patience, 1) }

    /// - Parameter score: Larger is better.
    public mutating func observe(score: Double) -> Action {
        if let best, !(score > best + minimumGain) {
            epochsSinceBest += 1
            return isOutOfPatience ? .stop : .goOn
        }
        best = score
        epochsSinceBest = 0
        return .keepBest
    }
}
