public import BantamGraph

/// How much an ONNX file may ask for before it is refused, so that a broken or hostile file ends in an error and not
/// in exhausted memory.
public struct ONNXLimits: Sendable {
    /// The model file, and each file of external data. Both are mapped, not read.
    public var fileBytes = ByteCount(64 << 30)
    /// What a gzipped model file expands to, in memory. No such file needs more: it is one protobuf message.
    public var expandedBytes = ByteCount(2 << 30 - 1)
    /// All of the model but its weights: what is decoded into memory. Protobuf itself stops at 2 GiB.
    public var structureBytes = ByteCount(2 << 30 - 1)
    /// Nodes in all graphs together, after local functions are written out.
    public var nodes = 1_000_000
    /// Calls of local functions, also by other functions.
    public var functionCalls = 100_000
    /// Turns of a loop that is written out.
    public var loopTurns = 1024
    /// Conditions that are found out by inferring the shapes of all that comes before.
    public var inferredConditions = 64
    /// Initializers of one graph.
    public var tensors = 1_000_000
    /// Graphs within graphs, and functions that call functions.
    public var nestingDepth = 32
    /// Elements of one tensor.
    public var tensorElements = 1 << 40
    /// Axes of one tensor.
    public var rank = 64

    public init() {}
}
