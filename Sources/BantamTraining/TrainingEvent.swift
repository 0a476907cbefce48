/// What an observer of a training is told.
public enum TrainingEvent: Hashable, Sendable {
    /// Before the first step: a teacher's answers to this share of the samples are stored, 0...1.
    case teacherAsked(name: String, share: Double)
    /// Training goes on from a checkpoint; `epoch` epochs are complete.
    case resumed(epoch: Int)
    /// `step` is counted from 1, over all epochs.
    case stepEnded(step: Int, of: Int, loss: Double, learningRate: Double)
    /// `accuracy` is on validation data, 0...1; `nil` without any, or where they have no labels.
    case epochEnded(epoch: Int, loss: Double, accuracy: Double?)
    case checkpointStored(path: String)
}

/// What a training came to.
public struct TrainingSummary: Codable, Hashable, Sendable {
    public var epochs: Int
    public var steps: Int
    public var finalLoss: Double
    /// On validation data, 0...1, where there was any with labels.
    public var bestAccuracy: Double?
    /// On validation data without labels.
    public var bestValidationLoss: Double?
    public var stoppedEarly: Bool
    public var seconds: Double
}
