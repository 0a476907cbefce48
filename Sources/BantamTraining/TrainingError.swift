public import BantamGraph

/// What can go wrong in a training, beyond errors of its data and of libtorch.
public enum TrainingErrorCode: String, ErrorCode {
    case noData
    /// The loss is infinite or not a number.
    case diverged
    case invalidCheckpoint
    /// A checkpoint of a training with other settings.
    case otherConfiguration
    /// A checkpoint of a training of another model.
    case otherModel
    case unwritableFolder

    public var category: ErrorCategory {
        switch self {
        case .otherConfiguration, .otherModel: .usage
        case .noData, .diverged, .invalidCheckpoint, .unwritableFolder: .badInput
        }
    }
}

public typealias TrainingError = CodedError<TrainingErrorCode>
