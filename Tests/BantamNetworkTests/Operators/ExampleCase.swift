import BantamGraph
import BantamNetwork
import BantamTestSupport
import FoundationEssentials
import OrderedCollections
import Testing

/// One example of one operator.
struct ExampleCase: Sendable, CustomTestStringConvertible {
    var definition: any Operator.Type
    var number: Int
    var example: OperatorExample

    var testDescription: String { "\(definition.name), example \(number)" }

    static let all = Operators.all.flatMap { definition in
        definition.examples.enumerated().map { ExampleCase(definition: definition, number: $0, example: $1) }
    }

    /// Every tensor that goes in: the data, the constants and the attributes that are tensors, named as in the files
    /// of reference values.
    func tensors() -> OrderedDictionary<String, TensorData> {
        let (graph, data) = exampleGraph(of: definition, example)
        var tensors: OrderedDictionary<String, TensorData> = [:]
        for (name, tensor) in data.sorted(by: { $0.key < $1.key }) { tensors["\(number)/\(name)"] = tensor }
        for (value, tensor) in graph.constants { tensors["\(number)/\(graph[value].name)"] = tensor }
        for (name, attribute) in example.attributes {
            if case .tensor(let tensor) = attribute { tensors["\(number)/attribute.\(name)"] = tensor }
        }
        return tensors
    }

    /// The node in JSON, for the script that has ONNX Runtime execute it.
    func description() throws -> String {
        let (graph, _) = exampleGraph(of: definition, example)
        let node = try #require(graph.nodes.values.first)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = try encoder.encode(
            NodeDescription(
                name: definition.name, domain: definition.domain,
                inputs: node.inputs.map { $0.map { graph[$0].name } },
                constants: graph.constants.keys.map { graph[$0].name },
                outputCount: example.outputCount,
                attributes: Dictionary(
                    uniqueKeysWithValues: example.attributes.map { ($0, AttributeDescription(of: $1)) })))
        return String(decoding: text, as: UTF8.self)
    }
}

private struct NodeDescription: Encodable {
    var name: String
    var domain: String
    /// `nil` where an input is left out.
    var inputs: [String?]
    /// Those of the inputs that are part of the model.
    var constants: [String]
    var outputCount: Int
    var attributes: [String: AttributeDescription]
}

/// An object of one entry: the attribute's kind, and its value.
private struct AttributeDescription: Encodable {
    var attribute: Attribute

    init(of attribute: Attribute) { self.attribute = attribute }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch attribute {
        case .int(let value): try container.encode(["int": value])
        case .float(let value): try container.encode(["float": value])
        case .string(let value): try container.encode(["string": value])
        case .ints(let values): try container.encode(["ints": values])
        case .floats(let values): try container.encode(["floats": values])
        case .strings(let values): try container.encode(["strings": values])
        case .tensor: try container.encode(["tensor": true])
        case .graph(let graph): try container.encode(["graph": graph.name])
        }
    }
}
