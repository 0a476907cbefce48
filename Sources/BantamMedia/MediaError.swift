public import BantamGraph

public enum MediaErrorCode: String, ErrorCode {
    case missingLibrary

    public var category: ErrorCategory { .missingRuntime }
}

public typealias MediaError = CodedError<MediaErrorCode>
