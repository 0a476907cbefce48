/// What an observer of a training is told.
public enum TrainingEvent: Hashable, Sendable {
    /// Before the first step, or where there is none: a part of the work goes on that takes its time, a few words such as
    /// `fitting layers`; this share of it is done, 0...1, where that is known.
    case working(part: String, share: Double?)
    /// Before the first step: a teacher's answers to this share of the samples are stored, 0...1.
    case teacherAsked(name: String, share: Double)
    /// The classifier was fitted to the features of the other layers, which have not changed yet.
    case classifierFitted(ClassifierFit.Record)
    /// Training begins, on so many samples; `heldOut` others watch it.
    case started(samples: Int, heldOut: Int, batchSize: Int)
    /// Training goes on from a checkpoint; `epoch` epochs are complete.
    case resumed(epoch: Int)
    /// `step` is counted from 1, over all epochs.
    case stepEnded(step: Int, of: Int, loss: Double, learningRate: Double)
    /// `isBest` where the held-out samples are answered better than ever before.
    case epochEnded(EpochRecord, of: Int, isBest: Bool)
    /// The loss diverged; the weights are those after `epoch` epochs again, and the rate is `rateFactor` times the
    /// schedule's.
    case rolledBack(epoch: Int, loss: Double, rateFactor: Double)
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
    /// One entry an epoch.
    public var history: [EpochRecord]
    /// The epoch whose weights were kept; 0 where none was better than the start. `nil` where nothing was held out.
    public var bestEpoch: Int?
    /// How often the training was rolled back.
    public var rollbacks: Int
    /// `nil` for a model without BatchNorm.
    public var statistics: StatisticsRecord?
    /// What came of fitting the classifier first; `nil` where that was not done.
    public var classifierFit: ClassifierFit.Record?

    /// What a person should know of it, a sentence each.
    public var notes: [String] {
        var notes: [String] = []
        if rollbacks > 0 {
            notes.append(
                "the loss diverged \(rollbacks) time\(rollbacks == 1 ? "" : "s"); the training went on from its last good epoch "
                    + "at half the rate: lower --learning-rate")
        }
        if let classifierFit { notes.append(classifierFit.note) }
        if bestEpoch == 0, epochs > 0 {
            let start = classifierFit == nil ? "the model before the training" : "the fitted classifier"
            notes.append(
                "no epoch did better on held-out samples than \(start), which is what is written: lower --learning-rate, or "
                    + "give more data")
        }
        if let warning = statistics?.warning { notes.append(warning) }
        return notes
    }
}
