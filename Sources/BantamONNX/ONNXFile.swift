public import BantamGraph
import SwiftProtobuf

/// A model file: its graph, and what the file says of itself.
///
/// ```swift
/// var graph = try ONNXFile.read("resnet50.onnx").graph
/// try FoldBatchNorm().run(on: &graph)
/// try ONNXFile.write(graph, to: "smaller.onnx")
/// ```
///
/// ## Reading
/// Opsets 7 to 24. The file is mapped and weights are views into it, so a model of any size opens at once and takes
/// memory as its weights are touched. The mapping is private, and ``write(_:to:options:)`` replaces files instead of
/// changing them, so a model may be written over the one it was read from.
///
/// A gzipped model is expanded into memory, whatever its name. Files of external data beside it are used as they are.
///
/// `Constant` nodes become constants of the graph, local functions are written out in place of their calls, and nodes
/// are put in order. Operators need not be known: to check that a graph can be run is the task of
/// ``/BantamGraph/Verifier``.
///
/// ## Writing
/// Opset 17, or 21 where the model uses what came later (4-bit integers, quantization in blocks, `Gelu`). Operators
/// whose form differs between the two are written in the form of that opset. The file appears complete or not at all.
///
/// A name that ends in `.gz`, such as `model.onnx.gz`, gives a gzipped file (RFC 1952), which `gunzip` makes the plain
/// one. Weights that are zero take almost no room in it: one bit and a half each.
public struct ONNXFile: Sendable {
    public var path: String
    public var header: ONNXHeader
    public var graph: Graph
    /// The nodes that were written out in another form, by name: those that mean something else in today's operator set,
    /// and loops and sequences of a fixed course.
    public var rewrittenNodes: [String] = []

    /// Reads a model.
    ///
    /// - Throws: an error that names the file, and the node or value at fault: see ``ONNXErrorCode``.
    /// - Complexity: O(nodes + weights), without regard to the size of the weights; those stored in typed fields
    ///   instead of raw bytes are converted.
    public static func read(_ path: String, limits: ONNXLimits = ONNXLimits()) throws(ONNXError) -> ONNXFile {
        do throws(ONNXError) {
            return try ModelReader(path: path, limits: limits).read()
        } catch {
            throw error.located(inFile: path)
        }
    }

    /// Creates or replaces the model file at `path`.
    ///
    /// A model too large for one protobuf message gets its weights in `<path>.data` beside it, and cannot be compressed.
    ///
    /// - Returns: What the file says of itself, with its size.
    /// - Throws: `invalidGraph` for a graph that is not a valid model; `fileTooLarge` for one that cannot be compressed;
    ///   `unwritableFile`, in which case what was at `path` before is still there.
    /// - Complexity: O(bytes of the file); memory beyond the graph's own stays small.
    @discardableResult
    public static func write(
        _ graph: Graph, to path: String, options: WriteOptions = WriteOptions()
    ) throws(ONNXError) -> ONNXHeader {
        do throws(ONNXError) {
            return try ModelWriter(of: graph, options: options).write(to: path)
        } catch {
            throw error.located(inFile: path)
        }
    }

    /// The bytes that ``write(_:to:options:)`` would write, for a runtime in the same process.
    ///
    /// - Throws: `invalidGraph`; `fileTooLarge` for a model that does not fit one protobuf message.
    /// - Complexity: O(bytes), in time and memory.
    public static func encoded(
        _ graph: Graph, options: WriteOptions = WriteOptions()
    ) throws(ONNXError) -> [UInt8] {
        try ModelWriter(of: graph, options: options).encoded()
    }

    /// Brings the graph to the form that models are computed, trained and compressed in: nodes in training mode use
    /// their stored statistics, and other floating-point types are float32.
    ///
    /// - Returns: What was changed, one sentence each, for people; nothing for most models.
    /// - Throws: `invalidGraph`, naming the node at fault.
    public mutating func normalize() throws(ONNXError) -> [String] {
        var notes = graph.useRunningStatistics()
        do throws(GraphError) {
            if let widened = try graph.widenToFloat32() { notes.append("\(widened) widened to float32") }
        } catch {
            throw ONNXError(error).located(inFile: path)
        }
        return notes
    }

    /// How a model is written.
    public struct WriteOptions: Sendable {
        /// 17 or later; by default 17, or 21 where the model needs it.
        public var opset: Int?
        /// Larger models have their weights in a second file. Protobuf ends at 2 GiB.
        public var largestFile = ByteCount(2 << 30 - 1)

        public init() {}
    }
}
