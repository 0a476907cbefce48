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
            throw .cycle(through: nodes.values.filter { sorted[$0.id] == nil }.map(\.label))
        }
        nodes = sorted
    }
}
