import OrderedCollections

extension Graph {
    /// Puts the nodes into topological order, keeping the present order where it is free.
    ///
    /// Needed only after nodes were added out of order, as when a file is read.
    ///
    /// - Throws: `cycle`, naming nodes on it.
    /// - Complexity: O(nodes + edges).
    public mutating func sortNodes() throws(GraphError) {
        var pending: [NodeID: Int] = [:]
        var ready: [NodeID] = []
        for (id, node) in nodes {
            let inputs = Set(node.inputs.compactMap(\.self)).filter { values[$0]?.producer != nil }
            pending[id] = inputs.count
            if inputs.isEmpty { ready.append(id) }
        }
        var sorted: OrderedDictionary<NodeID, Node> = [:]
        sorted.reserveCapacity(nodes.count)
        var next = 0
        while next < ready.count {
            let node = self[ready[next]]
            next += 1
            sorted[node.id] = node
            for output in node.outputs.compactMap(\.self) {
                for consumer in consumers(of: output) {
                    pending[consumer, default: 0] -= 1
                    if pending[consumer] == 0 { ready.append(consumer) }
                }
            }
        }
        guard sorted.count == nodes.count else {
            throw .cycle(through: cycle(outside: Set(sorted.keys)).map { self[$0].label })
        }
        nodes = sorted
    }

    /// One cycle among the nodes that could not be sorted, from its first node on.
    ///
    /// Each of them waits for another of them, so whoever follows those comes back to where they were.
    private func cycle(outside sorted: Set<NodeID>) -> [NodeID] {
        var path: [NodeID] = []
        var places: [NodeID: Int] = [:]
        var next = nodes.keys.first { !sorted.contains($0) }
        while let node = next {
            if let start = places[node] {
                let cycle = Array(path[start...].reversed())
                guard let first = cycle.min(), let turn = cycle.firstIndex(of: first) else { return cycle }
                return Array(cycle[turn...] + cycle[..<turn])
            }
            places[node] = path.count
            path.append(node)
            next = self[node].inputs.lazy.compactMap { $0.flatMap { values[$0]?.producer } }
                .first { !sorted.contains($0) }
        }
        return path
    }
}
