/// Removes nodes that hand their input on unchanged when the model is run.
///
/// ```
/// Given:  a = Dropout(x);  b = Relu(a)
/// Result: b = Relu(x)
/// ```
///
/// These are `Identity`, `Dropout` whose mask nobody reads, and `Cast` to the type its input has. Such a node stays
/// where it connects an input or a constant of the graph with an output, as both need a name of their own.
public struct RemoveIdentity: GraphPass {
    public static let name = "RemoveIdentity"

    public init() {}

    /// - Complexity: O(nodes + edges); with a `Cast` in the graph, that of a shape inference.
    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var result = PassResult()
        var removed: Set<NodeID> = []
        var types: ShapeInference?
        if graph.nodes.values.contains(where: { $0.operatorName == "Cast" }) { types = try ShapeInference(of: graph) }
        for node in graph.nodes.values {
            guard isIdentity(node, in: graph, types: types),
                let output = node.outputs.first ?? nil,
                // As it stands now: an earlier removal may have changed what the node reads.
                let input = graph[node.id].inputs.first ?? nil
            else { continue }
            if graph.isOutput(output), graph[input].producer == nil || graph.isOutput(input) {
                result.skip(node, because: "it gives the output \(graph[output].name) a name of its own")
                continue
            }
            graph.replaceUses(of: output, with: input)
            removed.insert(node.id)
        }
        graph.removeNodes(removed)
        result.changes = removed.count
        return result
    }

    private func isIdentity(_ node: Node, in graph: Graph, types: ShapeInference?) -> Bool {
        guard node.domain.isEmpty else { return false }
        switch node.operatorName {
        case "Identity": return true
        case "Dropout":
            let mask = node.outputs.count > 1 ? node.outputs[1] : nil
            return mask.map { graph.consumers(of: $0).isEmpty && !graph.isOutput($0) } ?? true
        case "Cast":
            guard let types, let input = node.inputs.first ?? nil, let output = node.outputs.first ?? nil else {
                return false
            }
            return types[input]?.dtype == types[output]?.dtype
        default: return false
        }
    }
}
