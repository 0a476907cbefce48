import BantamGraph
import BantamONNX

/// The model that OpenVINO is given: the file itself, or the graph as Bantam reads it where OpenVINO would read the
/// file in another way.
///
/// OpenVINO takes the axis of a `Softmax` of an opset before 13 for one of today's, refuses a file's own functions, loses
/// parts of a sequence that a `Loop` appends to, uses a batch's statistics where a file asks for it, and computes some
/// pools in another way (``/BantamGraph/Passes/openVINO``). Such a file is read, rewritten and handed over in memory;
/// every other file is opened by OpenVINO itself, which then maps its weights.
struct RuntimeModel {
    /// An ONNX model in memory; `nil` where the file can be opened as it is.
    let bytes: [UInt8]?

    /// - Throws: `unsupportedModel` for a file that neither can be handed over as it is nor be rewritten.
    init(contentsOf path: String) throws(EdgeError) {
        let file: ONNXFile
        do throws(ONNXError) {
            file = try ONNXFile.read(path)
        } catch {
            switch error.code {
            // What cannot be read for what it says may be computed in another way.
            case .unsupportedOpset, .unsupportedFunction: throw .unsupportedModel(path, error)
            // OpenVINO may read what Bantam does not: other formats, other operators. It says what it cannot.
            default:
                bytes = nil
                return
            }
        }
        let isNeeded = file.header.localFunctions > 0 || !file.rewrittenNodes.isEmpty
        bytes = try Self.rewritten(file.graph, path, isNeeded: isNeeded).map { graph throws(EdgeError) in
            try Self.encoded(graph, path)
        }
    }

    /// A graph in memory as it is computed.
    ///
    /// - Throws: `unsupportedModel`; `rewrittenTooLarge`.
    static func bytes(of graph: Graph) throws(EdgeError) -> [UInt8] {
        try encoded(try rewritten(graph, graph.name, isNeeded: true) ?? graph, graph.name)
    }

    private static func encoded(_ graph: Graph, _ path: String) throws(EdgeError) -> [UInt8] {
        do throws(ONNXError) {
            return try ONNXFile.encoded(graph)
        } catch {
            throw error.code == .fileTooLarge ? .rewrittenTooLarge(path, error) : .unsupportedModel(path, error)
        }
    }

    /// The graph that is computed in place of the file's; `nil` where there is nothing to rewrite.
    ///
    /// - Parameter isNeeded: Whether the graph as it is differs from the file already.
    private static func rewritten(
        _ original: Graph, _ path: String, isNeeded: Bool
    ) throws(EdgeError) -> Graph? {
        var (graph, isNeeded) = (original, isNeeded)
        if !graph.useRunningStatistics().isEmpty { isNeeded = true }
        if graph.widenInterface() { isNeeded = true }
        do throws(GraphError) {
            for step in try Passes.openVINO.run(on: &graph) where step.result.changes > 0 { isNeeded = true }
        } catch {
            // An operator that only OpenVINO knows: its sizes cannot be inferred, and nothing behind it be rewritten.
            guard isNeeded else { return nil }
            throw .unsupportedModel(path, ONNXError(.invalidGraph, error.message, location: error.location))
        }
        return isNeeded ? graph : nil
    }
}
