/// Removes nodes that no output depends on, and the constants that nothing reads.
///
/// ```
/// Given:  a = Relu(x);  b = Sigmoid(x);  output a
/// Result: a = Relu(x);  output a
/// ```
public struct RemoveDeadNodes: GraphPass {
    public static let name = "RemoveDeadNodes"

    public init() {}

    /// - Complexity: O(nodes + edges).
    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var needed = Set(graph.outputs)
        var dead: Set<NodeID> = []
        for node in graph.nodes.values.reversed() {
            if node.outputs.contains(where: { $0.map(needed.contains) ?? false }) {
                needed.formUnion(node.inputs.compactMap(\.self))
            } else {
                dead.insert(node.id)
            }
        }
        graph.removeNodes(dead)
        let constants = graph.constants.count
        graph.removeUnusedConstants()
        return PassResult(changes: dead.count + constants - graph.constants.count)
    }
}
