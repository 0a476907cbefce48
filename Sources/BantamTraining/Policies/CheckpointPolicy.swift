/// Says when a checkpoint is due and which older ones may go.
///
/// A pure value: the trainer performs what it answers.
public struct CheckpointPolicy: Codable, Hashable, Sendable {
    /// Epochs between two checkpoints.
    public var interval: Int
    /// How many of the latest are kept.
    public var retained: Int

    public init(interval: Int = 1, retained: Int = 2) {
        self.interval = max(interval, 1)
        self.retained = max(retained, 1)
    }

    /// - Parameter epoch: The number of epochs that are complete.
    public func isDue(afterEpoch epoch: Int, of total: Int) -> Bool {
        epoch == total || epoch.isMultiple(of: interval)
    }

    /// The epochs whose checkpoints are no longer needed.
    public func expired(among epochs: [Int]) -> [Int] {
        Array(epochs.sorted().dropLast(retained))
    }
}
