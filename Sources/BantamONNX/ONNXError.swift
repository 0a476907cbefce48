public import BantamGraph

public enum ONNXErrorCode: String, ErrorCode {
    case missingLibrary

    public var category: ErrorCategory { .missingRuntime }
}

public typealias ONNXError = CodedError<ONNXErrorCode>
