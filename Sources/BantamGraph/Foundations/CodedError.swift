/// What a failure means to the person who ran the command; decides the exit status.
public enum ErrorCategory: Sendable {
    /// A wrong option or combination of options (64).
    case usage
    /// A file, data set or model that cannot be used (65).
    case badInput
    /// A library or device that is not there (69).
    case missingRuntime
    /// A fault of Bantam's own (70).
    case internalFault
    /// A limit that the result does not keep (75).
    case unmetBudget
}

/// The failures one module can report, one case each.
public protocol ErrorCode: Hashable, Sendable, RawRepresentable where RawValue == String {
    var category: ErrorCategory { get }
}

/// Where a failure was found.
public struct ErrorLocation: Hashable, Sendable {
    /// The path as the user gave it.
    public var file: String?
    public var byteOffset: Int?
    /// A node's name and operator, such as `"conv1 (Conv)"`.
    public var node: String?

    public init(file: String? = nil, byteOffset: Int? = nil, node: String? = nil) {
        self.file = file
        self.byteOffset = byteOffset
        self.node = node
    }
}

/// The error of every Bantam module: a code to act on, and one sentence for a person.
///
/// Each module names its own specialization (``GraphError``, `TorchError`, ...) and keeps all texts in one
/// factory file, `<Name>+Factory.swift`. A message says what happened, with the values, and what to do.
public struct CodedError<Code: ErrorCode>: Error, Sendable {
    public var code: Code
    public var message: String
    public var location: ErrorLocation?
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, location: ErrorLocation? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.location = location
        self.cause = cause
    }

    /// The same error, found in `file`, unless it already names one.
    public func located(inFile file: String) -> Self {
        var copy = self
        var location = copy.location ?? ErrorLocation()
        if location.file == nil { location.file = file }
        copy.location = location
        return copy
    }
}

/// Any ``CodedError``, whatever its codes: what the command line needs to report it.
public protocol ReportableError: Error, CustomStringConvertible {
    var category: ErrorCategory { get }
    /// The code's raw value, for machines.
    var codeName: String { get }
    var cause: (any Error)? { get }
}

extension CodedError: ReportableError {
    public var category: ErrorCategory { code.category }
    public var codeName: String { code.rawValue }

    public var description: String {
        var text = ""
        if let file = location?.file {
            text += file
            if let offset = location?.byteOffset { text += " (byte \(offset))" }
            text += ": "
        }
        if let node = location?.node { text += "node \(node): " }
        text += message
        if let cause { text += " Cause: \(cause)" }
        return text
    }
}
