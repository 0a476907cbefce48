public import BantamGraph

/// What can go wrong between an exported model file and its results.
public enum EdgeErrorCode: String, ErrorCode {
    /// OpenVINO, or the plugin that wraps it, is not installed.
    case missingLibrary
    /// The device, or a precision on it, is not there.
    case unsupportedDevice
    /// An option outside its range.
    case invalidOption
    /// A model file that is absent, damaged or in another format.
    case unreadableModel
    /// A model file that can be read, with an operator or a type that the runtime lacks.
    case unsupportedModel
    /// An input that the model does not have, or one that was not given.
    case inputMismatch
    case shapeMismatch
    case dtypeMismatch
    /// Labels, or outputs, that are not those of a classifier.
    case invalidLabels
    /// A run that OpenVINO gave up.
    case inferenceFailed
    /// A figure that the system does not hand out.
    case measurementFailed

    public var category: ErrorCategory {
        switch self {
        case .missingLibrary, .unsupportedDevice: .missingRuntime
        case .invalidOption: .usage
        case .unreadableModel, .unsupportedModel, .inputMismatch, .shapeMismatch, .dtypeMismatch, .invalidLabels:
            .badInput
        case .inferenceFailed, .measurementFailed: .internalFault
        }
    }
}

public typealias EdgeError = CodedError<EdgeErrorCode>
