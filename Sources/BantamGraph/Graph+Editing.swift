public import OrderedCollections

extension Graph {
    // MARK: Adding

    /// Declares a value the caller supplies.
    @discardableResult
    public mutating func addInput(_ name: String, _ dtype: DType, _ dimensions: [InputDimension]) -> ValueID {
        let id = makeValue(name)
        inputs.append(GraphInput(value: id, dtype: dtype, dimensions: dimensions))
        return id
    }

    /// Stores a weight or another constant under a name, which is made unique if it is taken.
    public mutating func addConstant(_ name: String, _ data: TensorData) -> ValueID {
        let id = makeValue(name)
        constants[id] = data
        values[id]?.type = data.type
        return id
    }

    /// Appends a node, or inserts it before another, and makes its output values.
    ///
    /// - Parameters:
    ///   - outputNames: One name an output; taken names are made unique. By default one output, named as the node.
    ///   - successor: The node that the new one must precede.
    /// - Returns: The output values.
    @discardableResult
    public mutating func addNode(
        _ operatorName: String, name: String = "", domain: String = "", inputs: [ValueID?],
        outputNames: [String]? = nil, attributes: OrderedDictionary<String, Attribute> = [:],
        origin: String? = nil, before successor: NodeID? = nil
    ) -> [ValueID] {
        let outputNames = outputNames ?? [name.isEmpty ? operatorName : name]
        let outputs = outputNames.map { makeValue($0) }
        addNode(
            operatorName, name: name, domain: domain, inputs: inputs, outputs: outputs, attributes: attributes,
            origin: origin, before: successor)
        return outputs
    }

    /// Adds a node that computes values which exist already and have no producer yet.
    @discardableResult
    public mutating func addNode(
        _ operatorName: String, name: String = "", domain: String = "", inputs: [ValueID?], outputs: [ValueID?],
        attributes: OrderedDictionary<String, Attribute> = [:], origin: String? = nil,
        before successor: NodeID? = nil
    ) -> NodeID {
        let id = NodeID(rawValue: nextNode)
        nextNode += 1
        let node = Node(
            id: id, name: name, operatorName: operatorName, domain: domain, inputs: inputs, outputs: outputs,
            attributes: attributes, origin: origin)
        if let successor, let position = nodes.index(forKey: successor) {
            nodes.updateValue(node, forKey: id, insertingAt: position)
        } else {
            nodes[id] = node
        }
        for output in outputs.compactMap(\.self) {
            precondition(values[output]?.producer == nil, "\(node.label) would produce a value that has a producer")
            values[output]?.producer = id
        }
        for input in inputs.compactMap(\.self) { consumerIndex[input, default: []].append(id) }
        return id
    }

    /// Makes a value without producer, for use with `addNode(outputs:)`. A taken name gets a number appended.
    public mutating func makeValue(_ name: String) -> ValueID {
        let id = ValueID(rawValue: nextValue)
        nextValue += 1
        var unique = name.isEmpty ? "value_\(id.rawValue)" : name
        // From the last number on: a file may give all its nodes one name.
        while valuesByName[unique] != nil {
            lastSuffix[name, default: 0] += 1
            unique = "\(name)_\(lastSuffix[name, default: 0])"
        }
        values[id] = Value(id: id, name: unique, type: nil, producer: nil)
        valuesByName[unique] = id
        return id
    }

    /// Declares `value` a result of the graph.
    public mutating func addOutput(_ value: ValueID) { outputs.append(value) }

    // MARK: Changing

    /// Lets `change` alter the node's name, attributes or operator.
    public mutating func updateNode(_ id: NodeID, _ change: (inout Node) -> Void) {
        var node = self[id]
        change(&node)
        nodes[id] = node
    }

    /// Lets the node's input slot read another value, or none.
    public mutating func setInput(_ slot: Int, of id: NodeID, to value: ValueID?) {
        var node = self[id]
        while node.inputs.count <= slot { node.inputs.append(nil) }
        if let old = node.inputs[slot], let position = consumerIndex[old]?.firstIndex(of: id) {
            consumerIndex[old]?.remove(at: position)
        }
        node.inputs[slot] = value
        while node.inputs.last == .some(nil) { node.inputs.removeLast() }
        if let value { consumerIndex[value, default: []].append(id) }
        nodes[id] = node
    }

    /// Lets every reader of `old`, and the graph's outputs, read `new` instead.
    ///
    /// A graph output keeps its name: it is part of the model's interface.
    ///
    /// - Parameter excluded: Nodes that go on reading `old`.
    public mutating func replaceUses(of old: ValueID, with new: ValueID, except excluded: Set<NodeID> = []) {
        let readers = consumerIndex[old] ?? []
        consumerIndex[old] = readers.filter(excluded.contains)
        consumerIndex[new, default: []] += readers.filter { !excluded.contains($0) }
        for id in Set(readers).subtracting(excluded) {
            let inputs = self[id].inputs.map { $0 == old ? new : $0 }
            nodes[id]?.inputs = inputs
        }
        guard outputs.contains(old) else { return }
        outputs = outputs.map { $0 == old ? new : $0 }
        swapNames(old, new)
    }

    /// Replaces a constant's contents; the type may change.
    public mutating func setConstant(_ value: ValueID, to data: TensorData) {
        precondition(constants[value] != nil, "\(self[value].name) is no constant")
        constants[value] = data
        values[value]?.type = data.type
    }

    public mutating func setType(_ type: TensorType?, of value: ValueID) {
        values[value]?.type = type
    }

    /// Gives a value another name.
    ///
    /// - Precondition: the name is free.
    public mutating func rename(_ value: ValueID, to name: String) {
        precondition(valuesByName[name] == nil || valuesByName[name] == value, "the name \(name) is taken")
        valuesByName[self[value].name] = nil
        valuesByName[name] = value
        values[value]?.name = name
    }

    /// Lets the caller supply an input in another type. Those that read it must take it.
    public mutating func setInputDType(_ dtype: DType, ofInput index: Int) {
        inputs[index].dtype = dtype
        let value = inputs[index].value
        if let shape = self[value].type?.shape { setType(TensorType(dtype, shape), of: value) }
    }

    public mutating func setInputDimensions(_ dimensions: [InputDimension], ofInput index: Int) {
        inputs[index].dimensions = dimensions
    }

    // MARK: Removing

    /// Removes nodes and the values they produce.
    ///
    /// - Precondition: nothing that remains reads those values.
    public mutating func removeNodes(_ ids: Set<NodeID>) {
        guard !ids.isEmpty else { return }
        // Each value once: many of the nodes may read the same.
        for input in Set(ids.flatMap { self[$0].inputs.compactMap(\.self) }) {
            consumerIndex[input]?.removeAll(where: ids.contains)
        }
        for id in ids {
            for output in self[id].outputs.compactMap(\.self) {
                precondition(
                    consumerIndex[output, default: []].isEmpty && !outputs.contains(output),
                    "\(self[output].name) is still read")
                removeValue(output)
            }
        }
        nodes.removeAll { ids.contains($0.key) }
    }

    /// Removes the constants that no node reads and that are no outputs.
    public mutating func removeUnusedConstants() {
        let unused = constants.keys.filter { consumerIndex[$0, default: []].isEmpty && !outputs.contains($0) }
        guard !unused.isEmpty else { return }
        for value in unused { removeValue(value) }
        constants.removeAll { values[$0.key] == nil }
    }

    mutating func removeValue(_ id: ValueID) {
        if let name = values[id]?.name { valuesByName[name] = nil }
        values[id] = nil
        consumerIndex[id] = nil
    }

    private mutating func swapNames(_ first: ValueID, _ second: ValueID) {
        let names = (self[first].name, self[second].name)
        values[first]?.name = names.1
        values[second]?.name = names.0
        valuesByName[names.1] = first
        valuesByName[names.0] = second
    }
}
