import BantamGraph
import BantamTestSupport
import OrderedCollections
import Testing

/// One node by itself, as its operator's definition sees it once shapes are inferred.
struct SingleNode {
    let definition: any Operator.Type
    var context: NodeContext
    /// What the definition evaluates to without a tensor library.
    let known: [TensorData]

    /// - Throws: what shape inference throws.
    init(
        _ operatorName: String, _ inputs: [OperatorExample.Input],
        _ attributes: OrderedDictionary<String, Attribute> = [:], outputs: Int = 1
    ) throws {
        let definition = try #require(Operators.definition(named: operatorName))
        try self.init(definition, OperatorExample(inputs, attributes: attributes, outputCount: outputs))
    }

    init(_ definition: any Operator.Type, _ example: OperatorExample) throws {
        let graph = exampleGraph(of: definition, example).graph
        let node = try #require(graph.nodes.values.first)
        let types = try ShapeInference(of: graph)
        self.definition = definition
        context = types.context(of: node)
        known = node.outputs.compactMap { $0.flatMap { types.known[$0] } }
    }

    var shapes: [Shape] { context.outputTypes.map(\.shape) }

    /// - Throws: when the flow, or a part of it, is opaque.
    func links() throws -> Set<AxisLink> {
        switch definition.channelFlow(of: context) {
        case .links(let links): return Set(links)
        case .partial(_, let reason), .opaque(let reason): throw OpaqueFlow(reason: reason)
        }
    }

    struct OpaqueFlow: Error { var reason: String }
}

extension OperatorExample.Input {
    /// A known scalar.
    static func int(_ number: Int) -> Self { .constant(TensorData(scalar: Int64(number))) }

    /// A known list.
    static func floats(_ numbers: [Float]) -> Self { .constant(TensorData([numbers.count], numbers)) }
}
