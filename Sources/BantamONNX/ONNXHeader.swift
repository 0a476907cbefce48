public import BantamGraph
import SwiftProtobuf

/// What an ONNX file says of itself, beside its graph.
public struct ONNXHeader: Hashable, Sendable {
    /// The model file, as it is stored, together with the files of external data it uses.
    public var fileBytes: ByteCount
    /// What a gzipped model file holds; `nil` for a plain one.
    public var expandedBytes: ByteCount?
    /// The version of ONNX's own operator set.
    public var opset: Int
    /// The version of each operator set the model names, by domain; `""` is ONNX's own.
    public var opsets: [String: Int]
    public var irVersion: Int
    /// The program that wrote the file, such as `"pytorch 2.13.0"`; may be empty.
    public var producer: String
    /// Functions of the file's own, which are written out in place of their calls.
    public var localFunctions = 0
}

extension ONNXHeader {
    /// The versions of ONNX's operator set that are read. Older ones are where none of the model's operators has changed
    /// since.
    ///
    /// Versions 22 to 24 add element types to operators, and new operators, and change the meaning of none that is known
    /// here.
    public static let supportedOpsets = 7...24

    /// - Throws: `unsupportedOpset`.
    init(of model: Onnx_ModelProto, fileBytes: ByteCount) throws(ONNXError) {
        self.fileBytes = fileBytes
        irVersion = Int(model.irVersion)
        producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
        localFunctions = model.functions.count
        opsets = [:]
        for entry in model.opsetImport { opsets[OperatorDomain.canonical(entry.domain)] = Int(entry.version) }
        guard let opset = opsets[""] else { throw .missingOpset(supported: Self.supportedOpsets) }
        let isUnchanged = model.graph.node.allSatisfy { FormsBefore11.unchangedSinceFirst.contains($0.opType) }
        guard
            Self.supportedOpsets.contains(opset) || (1..<Self.supportedOpsets.lowerBound).contains(opset) && isUnchanged
        else {
            throw .unsupportedOpset(opset, supported: Self.supportedOpsets)
        }
        self.opset = opset
    }
}

/// Names of operator sets.
enum OperatorDomain {
    /// `"ai.onnx"` is the long name of `""`.
    static func canonical(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }
}
