public import BantamGraph

/// What can go wrong when tensors are computed with.
public enum TorchErrorCode: String, ErrorCode {
    /// libtorch, or the part of it for a device, could not be loaded.
    case missingLibrary
    /// A name that no operator is registered under.
    case unknownOperator
    /// Arguments whose number or types do not fit the operator's schema.
    case invalidArgument
    /// Operands that an operator refuses: shapes that do not agree, an index out of range.
    case operationFailed
    /// An operator, element type or device that is not implemented.
    case unsupported
    /// More memory was asked for than there is. The tensors that exist remain usable.
    case outOfMemory
    /// A fault inside libtorch or Bantam.
    case internalFault

    public var category: ErrorCategory {
        switch self {
        case .missingLibrary: .missingRuntime
        case .operationFailed, .unsupported, .outOfMemory: .badInput
        case .unknownOperator, .invalidArgument, .internalFault: .internalFault
        }
    }
}

public typealias TorchError = CodedError<TorchErrorCode>
