public import BantamGraph

/// What can be wrong with an ONNX file. One code a rule, so that each can be told apart and tested.
public enum ONNXErrorCode: String, ErrorCode {
    // MARK: The file

    case unreadableFile
    case unwritableFile
    /// The bytes are no ONNX model, or only a part of one.
    case corrupt
    case missingGraph
    /// An operator set that is not understood, or none named.
    case unsupportedOpset

    // MARK: Limits (``ONNXLimits``)

    case fileTooLarge
    case structureTooLarge
    case tooManyNodes
    case tooManyTensors
    case nestingTooDeep
    case tensorTooLarge

    // MARK: The graph

    /// An input or a weight without a name.
    case missingName
    case duplicateValue
    /// A value that no node, input or initializer defines.
    case undefinedValue
    case cycle
    case invalidShape
    /// An element type without counterpart here, or a value that is no tensor.
    case unsupportedType
    case sparseTensor
    case invalidAttribute
    /// A local function that cannot be written out in place of its calls.
    case unsupportedFunction
    /// A graph that is no valid model, or that the wanted operator set cannot express.
    case invalidGraph

    // MARK: Weights

    /// A tensor's data is not as long as its shape says.
    case dataSizeMismatch
    /// A number that does not fit the tensor's element type.
    case dataOutOfRange
    /// An external file outside the model's folder.
    case externalPath
    /// An external file that is missing, unreadable, or too short.
    case externalData

    public var category: ErrorCategory { .badInput }
}

public typealias ONNXError = CodedError<ONNXErrorCode>
