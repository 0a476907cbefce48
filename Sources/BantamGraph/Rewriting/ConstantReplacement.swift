/// Puts constants in the place of what nodes compute.
///
/// The nodes are removed together by ``finish(in:)``: removing them one by one would take quadratic time.
struct ConstantReplacement {
    private var replaced: Set<NodeID> = []
    private var names: [(constant: ValueID, name: String)] = []

    var count: Int { replaced.count }

    /// Lets the readers of a node's outputs read constants instead.
    ///
    /// Does nothing where an output is an output of the graph: some runtimes refuse a model that has a constant for
    /// an output.
    mutating func replace(_ node: Node, by results: [TensorData], in graph: inout Graph) {
        guard !node.outputs.contains(where: { $0.map(graph.isOutput) ?? false }) else { return }
        for (output, data) in zip(node.outputs, results) {
            guard let output else { continue }
            let name = graph[output].name
            let constant = graph.addConstant(name, data)
            graph.replaceUses(of: output, with: constant)
            names.append((constant, name))
        }
        replaced.insert(node.id)
    }

    /// Removes the nodes that were replaced, and gives their outputs' names to the constants.
    func finish(in graph: inout Graph) {
        graph.removeNodes(replaced)
        for (constant, name) in names { graph.rename(constant, to: name) }
        graph.removeUnusedConstants()
    }
}
