/// What can be wrong with a graph, a node or a tensor.
public enum GraphErrorCode: String, ErrorCode {
    /// A node's inputs do not agree with its operator.
    case invalidNode
    /// An operator that has no definition here.
    case unknownOperator
    case cycle
    /// A value that no node, input or constant produces.
    case undefinedValue
    case shapeMismatch
    case dtypeMismatch
    /// A shape or an attribute that is not known before the model runs.
    case dynamicShape
    /// The graph as a whole: a name used twice, no outputs.
    case invalidGraph
    /// A weight that is NaN or infinite.
    case nonFiniteWeight
    /// Channels that cannot be removed from the model.
    case channelsNotRemovable
    /// A native library that is not installed, or not where it is looked for.
    case missingLibrary

    /// Memory that the system does not have.
    case outOfMemory

    case unreadableFile
    case unwritableFile
    /// Gzipped data that do not expand to what was compressed.
    case damagedGzip
    /// A file that expands to more than is accepted.
    case fileTooLarge

    public var category: ErrorCategory { self == .missingLibrary ? .missingRuntime : .badInput }
}

public typealias GraphError = CodedError<GraphErrorCode>
