public import BantamGraph

public enum EdgeErrorCode: String, ErrorCode {
    case missingLibrary

    public var category: ErrorCategory { .missingRuntime }
}

public typealias EdgeError = CodedError<EdgeErrorCode>
