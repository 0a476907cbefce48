public import BantamGraph

public enum TorchErrorCode: String, ErrorCode {
    case missingLibrary

    public var category: ErrorCategory { .missingRuntime }
}

public typealias TorchError = CodedError<TorchErrorCode>
