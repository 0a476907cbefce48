import BantamGraph
import SwiftProtobuf

/// Reads one ONNX file, from its bytes to a graph.
struct ModelReader {
    private let path: String
    private let limits: ONNXLimits

    init(path: String, limits: ONNXLimits) {
        self.path = path
        self.limits = limits
    }

    func read() throws(ONNXError) -> ONNXFile {
        let stored: TensorStorage
        let file: TensorStorage
        do throws(GraphError) {
            stored = try MappedFile.open(path)
            file = try Gzip.content(of: stored, at: path, limit: limits.expandedBytes)
        } catch {
            throw ONNXError(error)
        }
        guard stored.byteCount <= limits.fileBytes.bytes else {
            throw .fileTooLarge(ByteCount(stored.byteCount), limit: limits.fileBytes)
        }
        guard file.byteCount > 0 else { throw .emptyFile() }
        // The skeleton's reader sees the bytes only, which does not keep them mapped.
        defer { withExtendedLifetime(file) {} }

        let skeleton = try ModelSkeleton(of: file.bytes, limits: limits)
        let model = try decode(skeleton.bytes)
        var header = try ONNXHeader(of: model, fileBytes: ByteCount(stored.byteCount))
        if stored !== file { header.expandedBytes = ByteCount(file.byteCount) }
        guard model.hasGraph else { throw .missingGraph() }

        let context = ReadingContext(
            limits: limits, file: file, externalData: ExternalData(ofModelAt: path, limits: limits),
            functions: try FunctionInliner(model.functions, opset: header.opset, limits: limits))
        var reader = GraphReader(model.graph, context: context)
        var graph = try reader.read(rawData: skeleton.rawData)
        for entry in model.metadataProps { graph.metadata[entry.key] = entry.value }
        let rewritten = OlderForms.upgrade(&graph, fromOpset: header.opset)
        header.fileBytes += context.externalData.mappedBytes
        return ONNXFile(path: path, header: header, graph: graph, rewrittenNodes: context.writtenOut + rewritten)
    }

    private func decode(_ skeleton: [UInt8]) throws(ONNXError) -> Onnx_ModelProto {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        // A graph in a graph is three messages down: node, attribute, graph. What a tensor or a type adds is less.
        options.messageDepthLimit = 3 * limits.nestingDepth + 8
        do {
            return try Onnx_ModelProto(serializedBytes: skeleton, options: options)
        } catch BinaryDecodingError.messageDepthLimit {
            throw .nestingTooDeep(limit: limits.nestingDepth)
        } catch {
            throw .corrupt("its structure cannot be decoded (\(error))")
        }
    }
}

/// What all graphs of one file share while they are read.
final class ReadingContext {
    let limits: ONNXLimits
    /// The model file; weights are views into it.
    let file: TensorStorage
    let externalData: ExternalData
    let functions: FunctionInliner
    /// The names of the loops and sequences that plain nodes have taken the place of.
    var writtenOut: [String] = []
    private var nodeCount = 0

    init(limits: ONNXLimits, file: TensorStorage, externalData: ExternalData, functions: FunctionInliner) {
        self.limits = limits
        self.file = file
        self.externalData = externalData
        self.functions = functions
    }

    /// - Throws: `tooManyNodes`.
    func count(_ nodes: Int) throws(ONNXError) {
        nodeCount += nodes
        guard nodeCount <= limits.nodes else { throw .tooManyNodes(limit: limits.nodes) }
    }
}
