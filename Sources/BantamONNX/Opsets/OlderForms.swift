import BantamGraph

/// Rewrites nodes that meant something else in the operator set they were written for.
///
/// Operators whose newer form merely looks different (`axes` as an input instead of an attribute) need nothing here:
/// their definitions understand both.
enum OlderForms {
    private static let normalizations: Set = ["Softmax", "LogSoftmax", "Hardmax"]

    /// - Returns: The names of the nodes that were written out in another form because they meant something else.
    static func upgrade(_ graph: inout Graph, fromOpset opset: Int) -> [String] {
        guard opset < 13 else { return [] }
        if opset < 11 { FormsBefore11.upgrade(&graph) }
        let nodes = graph.nodes.values.filter { $0.domain.isEmpty && normalizations.contains($0.operatorName) }
        guard !nodes.isEmpty else { return [] }
        // Where shapes cannot be inferred the general form below is right too.
        let types = try? ShapeInference(of: graph)
        var replaced: Set<NodeID> = []
        for node in nodes {
            let rank = node.inputs.first.flatMap { $0 }.flatMap { types?[$0]?.shape.rank }
            // As it stands now: what it reads may have been replaced.
            if isReplaced(graph[node.id], inputRank: rank, in: &graph) { replaced.insert(node.id) }
        }
        guard !replaced.isEmpty else { return [] }
        let names = nodes.filter { replaced.contains($0.id) }.map(\.name)
        graph.removeNodes(replaced)
        // The graph was in order before; to insert each node at its place would take quadratic time.
        do throws(GraphError) {
            try graph.sortNodes()
        } catch {
            preconditionFailure("replacing nodes of \(graph.name) has made a cycle: \(error)")
        }
        return names
    }

    /// Given `y = Softmax(x) axis=a` of opset 12, which normalizes axis `a` (by default 1) and all after it together.
    ///
    /// Result, where `a` is the last axis: `y = Softmax(x) axis=-1`. Otherwise:
    /// ```
    /// shape = Shape(x); matrix = Flatten(x) axis=a; rows = Softmax(matrix) axis=-1; y = Reshape(rows, shape)
    /// ```
    ///
    /// - Returns: Whether new nodes, which stand at the end, have taken the node's place.
    private static func isReplaced(_ node: Node, inputRank: Int?, in graph: inout Graph) -> Bool {
        guard let input = node.inputs.first.flatMap({ $0 }), let output = node.outputs.first.flatMap({ $0 }) else {
            return false  // Left for the verifier, which names what is missing.
        }
        var axis = 1
        if case .int(let value)? = node.attributes["axis"] { axis = value }
        if axis == -1 || axis + 1 == inputRank {
            graph.updateNode(node.id) { $0.attributes["axis"] = .int(-1) }
            return false
        }
        let name = node.name
        let shape = graph.addNode("Shape", name: "\(name)/shape", inputs: [input])
        let matrix = graph.addNode(
            "Flatten", name: "\(name)/matrix", inputs: [input], attributes: ["axis": .int(axis)])
        let rows = graph.addNode(
            node.operatorName, name: name, inputs: [matrix[0]], outputNames: ["\(name)/rows"],
            attributes: ["axis": .int(-1)])
        let result = graph.addNode(
            "Reshape", name: "\(name)/reshape", inputs: [rows[0], shape[0]])
        graph.replaceUses(of: output, with: result[0])
        return true
    }
}
