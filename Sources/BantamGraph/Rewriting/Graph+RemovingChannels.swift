import OrderedCollections

extension Graph {
    /// The graph without the given channels: each is cut out of every constant along whose axes it lies, and what
    /// nodes say about sizes (groups of a convolution, parts of a split, targets of reshapes) is adapted.
    ///
    /// Nothing is masked or zeroed: the result is a smaller model of the same structure. All removals must be given
    /// at once, as they are numbered in this graph.
    ///
    /// - Parameters:
    ///   - removals: From groups found in this graph by ``ChannelGroups``, each group at most once.
    ///   - sizes: The sizes of free dimensions, by name, as they were given to ``ChannelGroups``.
    /// - Throws: `channelsNotRemovable` when a group is not prunable, when no channel of it would stay, or when the
    ///   result's shapes are not those that the removal implies.
    /// - Complexity: that of two shape inferences, plus the elements of the constants concerned.
    public func removingChannels(
        _ removals: [ChannelRemoval], sizes: [String: Int] = [:]
    ) throws(GraphError) -> Graph {
        for removal in removals { try removal.check() }
        let cut = ChannelCut(removals, types: try channelTypes(sizes: sizes))
        var smaller = self
        let cuts = constants.compactMap { value, data in cut.applied(to: data, of: value).map { (value, $0) } }
        for ((value, _), data) in zip(cuts, TensorSelection.gathered(cuts.map(\.1))) {
            smaller.setConstant(value, to: data)
        }
        for node in nodes.values where cut.changes(node) {
            let old = cut.types.context(of: node)
            var new = NodeContext(
                node: node, inputTypes: node.inputs.map { $0.flatMap(cut.type) },
                constants: node.inputs.map { $0.flatMap { smaller.constants[$0] } },
                outputTypes: zip(node.outputs, old.outputTypes).map { $0.flatMap(cut.type) ?? $1 })
            new.remainingIndices = cut.remaining(of: node)
            smaller.apply(try Operators.definition(of: node).settings(of: old, resizedTo: new), to: node)
        }
        smaller.removeUnusedConstants()
        try smaller.refreshTypes(expected: cut)
        return smaller
    }

    private mutating func apply(_ settings: NodeSettings, to node: Node) {
        updateNode(node.id) { node in
            for (name, attribute) in settings.attributes.sorted(by: { $0.key < $1.key }) {
                node.attributes[name] = attribute
            }
        }
        for (slot, data) in settings.inputs.sorted(by: { $0.key < $1.key }) {
            let present = slot < node.inputs.count ? node.inputs[slot] : nil
            // What is computed from shapes follows them; where it does not, the new types will show it.
            if let present, constants[present] == nil { continue }
            // Another node may read the same list of sizes and mean it as it is.
            if let present, consumerIndex[present, default: []].count == 1 {
                setConstant(present, to: data)
            } else {
                let name = present.map { self[$0].name } ?? "\(node.name).sizes"
                setInput(slot, of: node.id, to: addConstant(name, data))
            }
        }
    }

    /// Forgets types that were recorded for the larger graph, and checks that the new ones are as intended.
    private mutating func refreshTypes(expected cut: ChannelCut) throws(GraphError) {
        let types = try ShapeInference(of: self, inputShapes: inputs.compactMap { cut.type(of: $0.value)?.shape })
        for (id, value) in values.sorted(by: { $0.key < $1.key }) where constants[id] == nil {
            if let expected = cut.type(of: id), types[id] != expected {
                throw .unexpectedType(types[id], expected: expected, of: value, producer: producer(of: id))
            }
            setType(nil, of: id)
        }
    }
}

/// Which indices stay, along which axes of which values.
private struct ChannelCut {
    let types: ShapeInference
    /// Only axes that lose some; ascending.
    private var kept: [ValueID: [Int: [Int]]] = [:]

    private struct ValueAxis: Hashable {
        var value: ValueID
        var axis: Int
    }

    init(_ removals: [ChannelRemoval], types: ShapeInference) {
        self.types = types
        // Axes on which other channels may lie too, as those of a concatenation do.
        var stays: [ValueAxis: [Bool]] = [:]
        for removal in removals where !removal.channels.isEmpty {
            let remaining = (0..<removal.group.channelCount).filter { !removal.channels.contains($0) }
            for member in removal.group.members {
                guard let extent = types[member.value]?.shape[member.axis] else { continue }
                if member.indices.elementsEqual(0..<extent), extent == removal.group.channelCount {
                    kept[member.value, default: [:]][member.axis] = remaining
                    continue
                }
                let key = ValueAxis(value: member.value, axis: member.axis)
                var flags = stays.removeValue(forKey: key) ?? Array(repeating: true, count: extent)
                for channel in removal.channels {
                    for index in member.indices(of: channel) { flags[index] = false }
                }
                stays[key] = flags
            }
        }
        for (key, flags) in stays { kept[key.value, default: [:]][key.axis] = flags.indices.filter { flags[$0] } }
    }

    /// Whether an input or output of the node loses channels.
    func changes(_ node: Node) -> Bool {
        (node.inputs + node.outputs).contains { $0.map { kept[$0] != nil } ?? false }
    }

    /// The indices that stay, along each axis of the node's inputs and outputs that loses some.
    func remaining(of node: Node) -> [SlotAxis: [Int]] {
        var remaining: [SlotAxis: [Int]] = [:]
        func add(_ value: ValueID?, _ slot: SlotAxis.Slot) {
            for (axis, indices) in value.flatMap({ kept[$0] }) ?? [:] {
                remaining[SlotAxis(slot: slot, axis: axis)] = indices
            }
        }
        for (index, input) in node.inputs.enumerated() { add(input, .input(index)) }
        for (index, output) in node.outputs.enumerated() { add(output, .output(index)) }
        return remaining
    }

    /// The type a value is to have.
    func type(of value: ValueID) -> TensorType? {
        guard var type = types[value] else { return nil }
        for (axis, indices) in kept[value] ?? [:] { type.shape[axis] = indices.count }
        return type
    }

    /// What is left of a constant, or `nil` when all of it is.
    func applied(to data: TensorData, of value: ValueID) -> TensorSelection? {
        kept[value].map { TensorSelection(data, $0) }
    }
}
