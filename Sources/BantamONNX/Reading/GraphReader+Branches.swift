import BantamGraph

/// Conditional nodes whose condition does not depend on what the model is given.
///
/// `squeeze` of an axis whose size the exporter did not know becomes an `If`: squeezed where the size is 1, and passed on
/// where it is not. Which of the two it is, the shapes tell.
extension GraphReader {
    /// The branch that is always taken; `nil` for other nodes, and where that cannot be told.
    mutating func knownBranch(of node: Onnx_NodeProto) throws(ONNXError) -> Onnx_GraphProto? {
        guard node.opType == "If", OperatorDomain.canonical(node.domain).isEmpty, node.input.count == 1,
            let condition = value(named: node.input[0]), let isTrue = try truth(of: condition)
        else { return nil }
        let name = isTrue ? "then_branch" : "else_branch"
        guard let branch = node.attribute.first(where: { $0.name == name })?.g, branch.input.isEmpty,
            branch.output.count >= node.output.count
        else { return nil }
        return branch
    }

    /// Whether the condition holds at all sizes that were tried; `nil` where sizes or the input's contents decide.
    private mutating func truth(of condition: ValueID) throws(ONNXError) -> Bool? {
        if let known = graph.constants[condition] { return known.truth }
        guard scopes.isEmpty, isSorted, !unreached.contains(condition),
            inferredConditions < context.limits.inferredConditions
        else { return nil }
        inferredConditions += 1
        guard let single = try? ShapeInference(of: graph),
            let double = try? ShapeInference(of: graph, sizes: graph.sizes(batch: 2)),
            let answer = single.known[condition]?.truth, double.known[condition]?.truth == answer
        else { return nil }
        return answer
    }

    /// Puts the nodes of a branch in the place of the node that would choose it.
    mutating func place(_ branch: Onnx_GraphProto, for node: Onnx_NodeProto) throws(ONNXError) {
        let nodes = try ControlFlowFlattener.flattened(branch, context: context)
        try context.count(nodes.count)
        try declareContents(of: branch, nodes: nodes, rawData: [])
        try add(nodes)
        for (inner, outer) in zip(branch.output, node.output) where !outer.isEmpty {
            try add(.identity(from: inner.name, to: outer), at: 0)
        }
    }
}

extension TensorData {
    fileprivate var truth: Bool? { dtype == .bool ? wholeNumber.map { $0 == 1 } : nil }
}
