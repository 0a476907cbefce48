extension Graph {
    /// Sets the nodes that a file asks to run as in training, `BatchNormalization` and `Dropout` with `training_mode`,
    /// to inference: with the batch's own statistics a result depends on what else is in the batch, and with dropout on
    /// chance.
    ///
    /// ```
    /// Given:  y, mean, variance = BatchNormalization(x, ...) training_mode=1
    /// Result: y = BatchNormalization(x, ...)
    /// ```
    ///
    /// Outputs that hold statistics go; where they are read, the stored statistics are read instead.
    ///
    /// - Returns: One sentence for people for each kind of node that was set; none where all is as it should be.
    /// - Complexity: O(nodes).
    @discardableResult
    public mutating func useRunningStatistics() -> [String] {
        var norms: [String] = []
        var dropouts: [String] = []
        var replaced: Set<NodeID> = []
        for node in nodes.values where node.domain.isEmpty {
            switch node.operatorName {
            case "BatchNormalization":
                let isTraining = node.int("training_mode", default: 0) != 0
                guard isTraining || node.outputs.count > 1 else { continue }
                if isTraining { norms.append(node.name) }
                if let copy = withoutStatisticsOutputs(node) {
                    replaced.insert(node.id)
                    updateNode(copy) { $0.attributes["training_mode"] = nil }
                } else {
                    updateNode(node.id) { $0.attributes["training_mode"] = nil }
                }
            case "Dropout" where node.inputs.count > 2 && node.inputs[2] != nil:
                if constant(2, of: node)?.numbers.first != 0 { dropouts.append(node.name) }
                setInput(2, of: node.id, to: nil)
            default: break
            }
        }
        removeNodes(replaced)
        removeUnusedConstants()
        return [
            norms.isEmpty
                ? nil
                : "\(Self.list(norms, "BatchNorm")) used the statistics of the batch (training_mode); set to the running ones",
            dropouts.isEmpty
                ? nil : "\(Self.list(dropouts, "Dropout")) dropped elements at random (training_mode); switched off",
        ].compactMap(\.self)
    }

    /// Puts a node with its first output alone in the place of one that has more.
    ///
    /// - Returns: `nil` for a node with one output.
    private mutating func withoutStatisticsOutputs(_ node: Node) -> NodeID? {
        guard node.outputs.count > 1, let output = node.outputs[0] else { return nil }
        let name = self[output].name
        let made = makeValue(name)
        let copy = addNode(
            node.operatorName, name: node.name, domain: node.domain, inputs: node.inputs, outputs: [made],
            attributes: node.attributes, origin: node.origin, before: node.id)
        replaceUses(of: output, with: made)
        for (index, statistic) in node.outputs.enumerated().dropFirst() {
            // Mean and variance, and in older opsets both once more.
            let slot = index % 2 == 1 ? 3 : 4
            guard let statistic, let stored = node.inputs[slot] else { continue }
            replaceUses(of: statistic, with: stored)
        }
        return copy
    }

    private static func list(_ names: [String], _ kind: String) -> String {
        let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
        return names.count == 1 ? "\(kind) \(shown)" : "\(names.count) nodes of \(kind) (\(shown))"
    }
}
