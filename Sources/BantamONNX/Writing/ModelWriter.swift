import BantamGraph
import SwiftProtobuf

/// Writes one graph as an ONNX file.
///
/// Only the structure is encoded in memory. Each weight goes from its storage to the file, framed by lengths that are
/// computed beforehand, so that writing a model takes little memory beside the model.
struct ModelWriter {
    private let graph: Graph
    private let types: GraphTypes
    private let opset: Int
    private let options: ONNXFile.WriteOptions

    /// - Throws: `invalidGraph`, or `unsupportedOpset` when the graph needs a later one than the options allow.
    init(of graph: Graph, options: ONNXFile.WriteOptions) throws(ONNXError) {
        types = try GraphTypes(of: graph)
        let needed = OpsetRequirement.minimum(of: graph, types: types)
        // No newer than must be: in opset 21 ONNX Runtime 1.32 does not load int8 activations that are reshaped.
        opset = options.opset ?? max(needed, OpsetRequirement.usual)
        let writable = OpsetRequirement.usual...OpsetRequirement.newest
        guard writable.contains(opset) else { throw .unsupportedOpset(opset, supported: writable) }
        guard needed <= opset else { throw .insufficientOpset(opset, needed: needed) }
        var graph = graph
        try OpsetForms(opset: opset, types: types).apply(to: &graph)
        self.graph = graph
        self.options = options
    }

    func encoded() throws(ONNXError) -> [UInt8] {
        let layout = try layout(externalFile: nil)
        guard layout.byteCount <= options.largestFile.bytes else {
            throw .encodedTooLarge(ByteCount(layout.byteCount), limit: options.largestFile)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(layout.byteCount)
        bytes += layout.head
        for tensor in layout.tensors {
            bytes += tensor.head
            tensor.data?.withUnsafeBytes { bytes += $0 }
        }
        return bytes
    }

    func write(to path: String) throws(ONNXError) -> ONNXHeader {
        let inline = try layout(externalFile: nil)
        let isCompressed = path.hasSuffix(Gzip.suffix)
        if inline.byteCount <= options.largestFile.bytes {
            let fileBytes = try write(inline, to: path, compressed: isCompressed)
            return header(fileBytes: fileBytes, expandedBytes: isCompressed ? ByteCount(inline.byteCount) : nil)
        }
        // The second file must stay as it is, since weights are found in it by their offsets.
        guard !isCompressed else { throw .compressedTooLarge(ByteCount(inline.byteCount), limit: options.largestFile) }
        let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
        let layout = try layout(externalFile: "\(name).data")
        // The weights first: a failure here leaves the model that was there before.
        if !layout.externalTensors.isEmpty { try writeExternal(layout.externalTensors, to: "\(path).data") }
        let fileBytes = try write(layout, to: path, compressed: false)
        return header(fileBytes: fileBytes + ByteCount(layout.externalBytes))
    }

    // MARK: Contents

    /// The parts of the file, in order.
    private struct Layout {
        /// What precedes the first initializer: the model's own fields, and the graph's structure.
        var head: [UInt8] = []
        var tensors: [Tensor] = []
        var externalTensors: [ExternalTensor] = []

        var externalBytes: Int { externalTensors.last.map { $0.offset + $0.data.byteCount.bytes } ?? 0 }
        var byteCount: Int { head.count + tensors.reduce(0) { $0 + $1.byteCount } }
    }

    /// A field of the graph that holds one initializer.
    private struct Tensor {
        /// All that precedes the data.
        var head: [UInt8]
        /// `nil` for data in another file.
        var data: TensorData?

        var byteCount: Int { head.count + (data?.byteCount.bytes ?? 0) }
    }

    private struct ExternalTensor {
        var offset: Int
        var data: TensorData
    }

    /// Smaller weights stay in the model file, where shape inference finds the numbers it needs.
    private static let smallestExternalTensor = 1024
    /// Runtimes map external weights, which must begin on a page.
    private static let pageBytes = 4096

    private func layout(externalFile: String?) throws(ONNXError) -> Layout {
        var layout = Layout()
        for (value, data) in graph.constants {
            var proto = GraphEncoder.tensorHeader(data.type, named: graph[value].name)
            let isExternal = externalFile != nil && data.byteCount.bytes >= Self.smallestExternalTensor
            if isExternal, let externalFile {
                let offset = (layout.externalBytes + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
                layout.externalTensors.append(ExternalTensor(offset: offset, data: data))
                proto.dataLocation = .external
                let entries = [
                    ("location", externalFile), ("offset", "\(offset)"), ("length", "\(data.byteCount.bytes)"),
                ]
                proto.externalData = entries.map { key, value in
                    Onnx_StringStringEntryProto.with { ($0.key, $0.value) = (key, value) }
                }
            }
            layout.tensors.append(
                Tensor(head: try frame(proto, data: isExternal ? nil : data), data: isExternal ? nil : data))
        }
        let structure = try bytes(of: GraphEncoder(graph: graph).proto(types: types))
        layout.head = try bytes(of: modelWithoutGraph())
        layout.head.appendFieldHeader(
            FieldNumber.modelGraph, length: structure.count + layout.tensors.reduce(0) { $0 + $1.byteCount })
        layout.head += structure
        return layout
    }

    /// The bytes of an initializer up to its data.
    private func frame(_ proto: Onnx_TensorProto, data: TensorData?) throws(ONNXError) -> [UInt8] {
        var contents = try bytes(of: proto)
        let dataBytes = data?.byteCount.bytes ?? 0
        if data != nil { contents.appendFieldHeader(FieldNumber.tensorRawData, length: dataBytes) }
        var framed: [UInt8] = []
        framed.appendFieldHeader(FieldNumber.graphInitializer, length: contents.count + dataBytes)
        return framed + contents
    }

    private func modelWithoutGraph() -> Onnx_ModelProto {
        var model = Onnx_ModelProto()
        model.irVersion = Int64(irVersion)
        model.producerName = "bantam"
        model.producerVersion = BantamVersion.current
        model.opsetImport = opsets.sorted { $0.key < $1.key }.map { domain, version in
            Onnx_OperatorSetIdProto.with { ($0.domain, $0.version) = (domain, Int64(version)) }
        }
        model.metadataProps = graph.metadata.map { key, value in
            Onnx_StringStringEntryProto.with { ($0.key, $0.value) = (key, value) }
        }
        return model
    }

    /// The file format that came with the operator set.
    private var irVersion: Int { opset >= 21 ? 10 : opset >= 19 ? 9 : 8 }

    /// A graph does not keep the versions of other operator sets; all that are in use have one version.
    private var opsets: [String: Int] {
        var opsets = ["": opset]
        for node in graph.nodes.values where !node.domain.isEmpty { opsets[node.domain] = 1 }
        return opsets
    }

    private func bytes(of message: some Message) throws(ONNXError) -> [UInt8] {
        do {
            return try message.serializedBytes()
        } catch {
            throw .unencodable(reason: "\(error)")
        }
    }

    private func header(fileBytes: ByteCount, expandedBytes: ByteCount? = nil) -> ONNXHeader {
        ONNXHeader(
            fileBytes: fileBytes, expandedBytes: expandedBytes, opset: opset, opsets: opsets, irVersion: irVersion,
            producer: "bantam \(BantamVersion.current)")
    }

    // MARK: Files

    private func write(_ layout: Layout, to path: String, compressed: Bool) throws(ONNXError) -> ByteCount {
        do throws(GraphError) {
            return try AtomicFile.write(to: path, compressed: compressed) { (file) throws(GraphError) in
                try file.append(layout.head)
                for tensor in layout.tensors {
                    try file.append(tensor.head)
                    try tensor.data?.append(to: file)
                }
            }
        } catch {
            throw ONNXError(error)
        }
    }

    private func writeExternal(_ tensors: [ExternalTensor], to path: String) throws(ONNXError) {
        do throws(GraphError) {
            try AtomicFile.write(to: path) { (file) throws(GraphError) in
                var position = 0
                for tensor in tensors {
                    try file.append([UInt8](repeating: 0, count: tensor.offset - position))
                    try tensor.data.append(to: file)
                    position = tensor.offset + tensor.data.byteCount.bytes
                }
            }
        } catch {
            throw ONNXError(error)
        }
    }
}

extension TensorData {
    fileprivate func append(to file: borrowing AtomicFile) throws(GraphError) {
        try withUnsafeBytes { (bytes) throws(GraphError) in try file.append(numbers: bytes) }
    }
}
