import BantamGraph
import SwiftProtobuf

/// Reads the attributes of one node.
struct AttributeReader {
    /// For messages.
    let node: String
    let context: ReadingContext
    /// The values that a graph in an attribute may read by name.
    let scopes: [[String: ValueID]]

    /// - Throws: `invalidAttribute`, naming node and attribute; or what reading its tensor or graph throws.
    func read(_ proto: Onnx_AttributeProto) throws(ONNXError) -> Attribute {
        guard !proto.name.isEmpty else { throw .unnamedAttribute(node: node) }
        guard proto.refAttrName.isEmpty else {
            throw .unsupportedAttribute(proto.name, "a reference to a function's attribute", node: node)
        }
        switch Self.type(of: proto) {
        case .float: return .float(proto.f)
        case .int: return .int(Int(proto.i))
        case .string: return .string(try text(proto.s, of: proto.name))
        case .floats: return .floats(proto.floats)
        case .ints: return .ints(proto.ints.map { Int($0) })
        case .strings:
            var strings: [String] = []
            for bytes in proto.strings { strings.append(try text(bytes, of: proto.name)) }
            return .strings(strings)
        case .tensor:
            let reader = TensorReader(context: context)
            return .tensor(try reader.read(proto.t, named: "attribute \(proto.name)", node: node))
        case .graph:
            var reader = GraphReader(proto.g, context: context, scopes: scopes)
            return .graph(try reader.read())
        case let other:
            throw .unsupportedAttribute(proto.name, "the attribute type \(other)", node: node)
        }
    }

    /// Files written before the type was stored have only the value.
    private static func type(of proto: Onnx_AttributeProto) -> Onnx_AttributeProto.AttributeType {
        guard proto.type == .undefined else { return proto.type }
        if proto.hasT { return .tensor }
        if proto.hasG { return .graph }
        if proto.hasS { return .string }
        if !proto.ints.isEmpty { return .ints }
        if !proto.floats.isEmpty { return .floats }
        if !proto.strings.isEmpty { return .strings }
        return proto.hasF ? .float : .int
    }

    private func text(_ bytes: some Sequence<UInt8>, of name: String) throws(ONNXError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidText(name, node: node) }
        return text
    }
}

extension Attribute {
    /// The tensor that a `Constant` node with this attribute makes.
    var constantData: TensorData? {
        switch self {
        case .tensor(let data): data
        case .float(let value): TensorData(scalar: value)
        case .int(let value): TensorData(scalar: Int64(value))
        case .floats(let values): TensorData([values.count], values)
        case .ints(let values): TensorData([values.count], values.map { Int64($0) })
        case .string, .strings, .graph: nil
        }
    }
}
