/// What an operator cannot see of the graph around it, and needs to say how channels travel.
struct FlowFacts {
    private let graph: Graph
    private let types: ShapeInference
    private let heads: AttentionHeads
    private let zeros: ZeroChannels

    init(of graph: Graph, _ types: ShapeInference, attention: AttentionChannels) throws(GraphError) {
        self.graph = graph
        self.types = types
        heads = try AttentionHeads(in: graph, types, as: attention)
        zeros = ZeroChannels(in: graph)
    }

    func channelFlow(of node: Node) throws(GraphError) -> ChannelFlow {
        let definition = try Operators.definition(of: node)
        var context = types.context(of: node)
        context.heads = heads[node.id]
        if let reduction = definition as? any Reduction.Type, reduction.ignoresZeros {
            context.lifting = zeros.lifting(before: node).map { graph[$0].label }
        }
        return definition.channelFlow(of: context)
    }
}
