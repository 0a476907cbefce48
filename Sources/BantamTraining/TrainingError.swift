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
    /// A teacher whose outputs are not the model's.
    case otherOutputs
    /// Layers that are to be frozen and that the model does not have, or all that it has.
    case unknownLayer
    case unwritableFolder

    public var category: ErrorCategory {
        switch self {
        case .otherConfiguration, .otherModel, .unknownLayer: .usage
        case .noData, .diverged, .otherOutputs, .invalidCheckpoint, .unwritableFolder: .badInput
        }
    }
}

public typealias TrainingError = CodedError<TrainingErrorCode>
