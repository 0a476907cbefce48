extension Graph {
    /// The part of the graph that computes the first output from `value`: a graph of its own, with that value as its only
    /// input and the identifiers of this one.
    ///
    /// ```
    /// Given:  f = GlobalAveragePool(...); y = Gemm(f, W, b)
    /// Result: y = Gemm(f, W, b), with f as the input
    /// ```
    ///
    /// - Parameter dimensions: Of the input.
    /// - Returns: `nil` where the output depends on more than `value` and constants, or not on it at all.
    public func part(behind value: ValueID, _ dtype: DType, _ dimensions: [InputDimension]) -> Graph? {
        guard let output = outputs.first, let nodes = nodes(from: value, to: output), !nodes.isEmpty else { return nil }
        let others = Set(self.nodes.keys).subtracting(nodes)
        var part = self
        part.outputs = [output]
        part.inputs = []
        let input = part.addInput("\(self[value].name).input", dtype, dimensions)
        part.replaceUses(of: value, with: input, except: others)
        part.removeNodes(others)
        for former in inputs { part.removeValue(former.value) }
        part.removeUnusedConstants()
        return part
    }

    /// The nodes that compute `output` from `value`; `nil` where they need another input.
    private func nodes(from value: ValueID, to output: ValueID) -> Set<NodeID>? {
        var found: Set<NodeID> = []
        var pending = [output]
        while let next = pending.popLast() {
            guard next != value, constants[next] == nil else { continue }
            guard let producer = producer(of: next) else { return nil }
            guard found.insert(producer.id).inserted else { continue }
            pending += producer.inputs.compactMap(\.self)
        }
        return found.contains { self[$0].inputs.contains(value) } ? found : nil
    }
}
