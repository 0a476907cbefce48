/// How channels travel through each node of a graph, with what an operator cannot see of the graph around it: where
/// the heads of an attention are, and where channels that are zero have become something else.
struct FlowFacts {
    private let graph: Graph
    private let flows: [NodeID: ChannelFlow]

    init(of graph: Graph, _ types: ShapeInference, attention: AttentionChannels) throws(GraphError) {
        self.graph = graph
        let heads = try AttentionHeads(in: graph, types, as: attention)
        var flows: [NodeID: ChannelFlow] = [:]
        var sums: [NodeID: [AxisLink]] = [:]
        for node in graph.nodes.values {
            let definition = try Operators.definition(of: node)
            var context = types.context(of: node)
            context.heads = heads[node.id]
            let flow = definition.channelFlow(of: context)
            flows[node.id] = flow
            let summed = Self.summed(flow, by: definition, of: context)
            if !summed.isEmpty { sums[node.id] = summed }
        }
        // Most graphs add up no channels but with weights, which go with them.
        if !sums.isEmpty {
            let zeros = try ZeroChannels(in: graph, types, flows: flows)
            for (id, links) in sums { flows[id] = flows[id]?.refusing(links, of: graph[id], in: graph, zeros) }
        }
        self.flows = flows
    }

    func channelFlow(of node: Node) -> ChannelFlow { flows[node.id] ?? .opaque("it is not part of the graph") }

    /// The links along which a node adds up channels that others have computed: those of a sum along axes, and of a
    /// product of two computed matrices.
    private static func summed(
        _ flow: ChannelFlow, by definition: any Operator.Type, of node: NodeContext
    ) -> [AxisLink] {
        if let reduction = definition as? any Reduction.Type, reduction.ignoresZeros {
            return flow.links.filter { $0.source == $0.target }
        }
        // An axis that the output has is not summed over.
        var kept = Set(flow.links.flatMap { [$0.source, $0.target] }.filter { $0.isOutput })
        var size = -1
        while size != kept.count {
            size = kept.count
            for link in flow.links where kept.contains(link.source) || kept.contains(link.target) {
                kept.formUnion([link.source, link.target])
            }
        }
        return flow.links.filter { link in
            guard !kept.contains(link.source), case .input(let left) = link.source.slot,
                case .input(let right) = link.target.slot, left != right
            else { return false }
            return node.constant(left) == nil && node.constant(right) == nil
        }
    }
}

extension ChannelFlow {
    /// This flow without those of `sums` that would lose channels which are not zero.
    fileprivate func refusing(
        _ sums: [AxisLink], of node: Node, in graph: Graph, _ zeros: ZeroChannels
    ) -> ChannelFlow {
        var refused: Set<AxisLink> = []
        var lifting: NodeID?
        for link in sums {
            let makers = [link.source, link.target].map { place -> NodeID? in
                guard case .input(let slot) = place.slot, slot < node.inputs.count, let value = node.inputs[slot]
                else { return nil }
                return zeros.lifting(value, axis: place.axis)
            }
            // One zero makes a product zero.
            guard let maker = makers[0], makers[1] != nil else { continue }
            refused.insert(link)
            lifting = lifting ?? maker
        }
        guard let lifting else { return self }
        return ChannelFlow.links(links.filter { !refused.contains($0) })
            .refusing("it adds up what \(graph[lifting].label) makes of channels that are zero")
    }
}
