import OrderedCollections

extension Graph {
    /// Traps when the graph's bookkeeping is wrong. Called after each pass in debug builds.
    ///
    /// A model that is wrong as a model (shapes that disagree, an unknown operator) is an error that ``Verifier``
    /// throws; what is checked here can only break through a fault in Bantam.
    ///
    /// - Complexity: O(nodes + values).
    public func checkInvariants() {
        var readers: [ValueID: [NodeID]] = [:]
        var available = Set(inputs.map(\.value)).union(constants.keys)
        for (id, node) in nodes {
            precondition(id == node.id, "\(node.label) is filed under another id")
            for input in node.inputs.compactMap(\.self) {
                precondition(available.contains(input), "\(node.label) reads a value before it exists")
                readers[input, default: []].append(id)
            }
            for output in node.outputs.compactMap(\.self) {
                precondition(values[output]?.producer == id, "\(node.label) is not its output's producer")
                precondition(available.insert(output).inserted, "\(self[output].name) exists twice")
            }
        }
        for output in outputs { precondition(available.contains(output), "an output has no source") }
        for (id, value) in values {
            precondition(valuesByName[value.name] == id, "the name \(value.name) leads elsewhere")
            precondition(
                consumerIndex[id, default: []].sorted() == readers[id, default: []].sorted(),
                "the consumers of \(value.name) are out of date")
        }
        precondition(valuesByName.count == values.count, "a name has no value")
    }
}
