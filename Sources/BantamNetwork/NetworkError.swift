public import BantamGraph

/// What can go wrong when a network is built, bound to weights or run.
public enum NetworkErrorCode: String, ErrorCode {
    case unknownArchitecture
    /// A graph that cannot be executed: the cause is a `GraphError`.
    case invalidGraph
    /// An input that the network does not take.
    case inputMismatch
    /// A weight file that breaks its format's rules, or cannot be read or written.
    case invalidWeights
    /// A pickle that refers to something else than tensors.
    case forbiddenGlobal
    /// A weight file whose tensors are not those of the network.
    case weightMismatch
    /// A failure of the tensor library: the cause is a `TorchError`.
    case execution
    /// libtorch is not there.
    case missingRuntime

    public var category: ErrorCategory {
        switch self {
        case .unknownArchitecture: .usage
        case .invalidGraph, .inputMismatch, .invalidWeights, .forbiddenGlobal, .weightMismatch: .badInput
        case .execution: .internalFault
        case .missingRuntime: .missingRuntime
        }
    }
}

public typealias NetworkError = CodedError<NetworkErrorCode>
