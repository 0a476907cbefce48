public import BantamGraph

/// What can go wrong when a model is made smaller.
public enum CompressionErrorCode: String, ErrorCode {
    /// A graph that is no valid model: the cause is a `GraphError`.
    case invalidGraph
    /// A name that no calibrator, target or other registered method has.
    case unknownName
    /// Activations were to be observed, and none or empty ones came.
    case noCalibrationData
    /// An activation or a weight that holds NaN or infinity.
    case notFinite
    case dtypeMismatch
    /// A model whose weights are integers, for a method that changes numbers.
    case quantizedModel
    /// A method that would leave every operator as it is.
    case nothingToCompress
    /// A target outside what it can mean, such as a negative fraction.
    case invalidTarget
    /// A target that no allowed change of the model reaches.
    case unreachableTarget
    /// A criterion that looks at the loss, without data to compute it on.
    case missingGradients
    /// A model whose output is no list of scores.
    case noScores
    /// Data without labels for a method that learns from labels.
    case missingLabels
    /// A teacher that takes other inputs than the student, where it is to see what the student sees.
    case otherPreprocessing
    /// A plan that was made for another graph.
    case planMismatch
    /// A file of scores that cannot be written, or that holds something else.
    case invalidScores

    public var category: ErrorCategory {
        switch self {
        case .unknownName, .invalidTarget, .missingGradients, .otherPreprocessing: .usage
        case .invalidGraph, .noCalibrationData, .missingLabels, .noScores, .notFinite, .dtypeMismatch,
            .nothingToCompress, .planMismatch, .invalidScores, .quantizedModel:
            .badInput
        case .unreachableTarget: .unmetBudget
        }
    }
}

public typealias CompressionError = CodedError<CompressionErrorCode>
