import OrderedCollections

/// Channels bundled into groups: those that lie along the same axes.
struct ChannelBundles {
    private(set) var groups: [ChannelGroup] = []
    private let graph: Graph
    private let axes: AxisGraph
    private let atoms: ChannelAtoms
    private let channels: ChannelAtoms.Channels
    private let positions: [NodeID: Int]
    private let uses: [ValueID: ConstantUse]
    /// By axis: where it stands among the members of the group at hand.
    private var places: [Int]

    init(in graph: Graph, _ axes: AxisGraph) {
        var atoms = ChannelAtoms(of: axes)
        channels = atoms.channels()
        self.atoms = atoms
        self.graph = graph
        self.axes = axes
        positions = Dictionary(uniqueKeysWithValues: zip(graph.nodes.keys, 0...))
        uses = graph.constantUses()
        places = Array(repeating: 0, count: axes.extents.count)

        var bundles: OrderedDictionary<[AxisGraph.AxisID], [Int]> = [:]
        for channel in 0..<channels.count {
            var signature: [AxisGraph.AxisID] = []
            for atom in channels.atoms(of: channel) where signature.last != atoms.axis(of: atom) {
                signature.append(atoms.axis(of: atom))
            }
            bundles[signature, default: []].append(channel)
        }
        var ordered: [(order: [Int], group: ChannelGroup)] = []
        for (signature, members) in bundles {
            if let group = group(of: members, along: signature) { ordered.append(group) }
        }
        groups = ordered.sorted { $0.order.lexicographicallyPrecedes($1.order) }.map(\.group)
    }

    /// The group of `members`, with what decides its place among the groups; `nil` when no weight makes them.
    private mutating func group(
        of members: [Int], along signature: [AxisGraph.AxisID]
    ) -> (order: [Int], group: ChannelGroup)? {
        let sorted = signature.map { (order(of: $0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        guard let producer = sorted.first(where: { axes.parts[Int($0)]?.part == .producer }),
            let reader = axes.parts[Int(producer)]?.reader
        else { return nil }
        // Channels are numbered as the first producer numbers them.
        let firstIndices = members.map { channel in
            channels.atoms(of: channel).first { atoms.axis(of: $0) == producer }.map(atoms.index) ?? 0
        }
        let numbered = zip(firstIndices, members).sorted { $0.0 < $1.0 }.map(\.1)

        for (place, axis) in sorted.enumerated() { places[Int(axis)] = place }
        var indices = [[Int]](repeating: [], count: sorted.count)
        var starts = [[Int]](repeating: [0], count: sorted.count)
        for channel in numbered {
            for atom in channels.atoms(of: channel) {
                indices[places[Int(atoms.axis(of: atom))]].append(atoms.index(of: atom))
            }
            for place in sorted.indices { starts[place].append(indices[place].count) }
        }
        let group = ChannelGroup(
            channelCount: members.count,
            members: sorted.enumerated().map { member($1, indices[$0], starts[$0]) },
            obstacle: obstacle(along: sorted, channelCount: members.count), label: graph[reader].label)
        return ([positions[reader, default: 0], firstIndices.min() ?? 0, Int(producer)], group)
    }

    private func member(_ axisID: AxisGraph.AxisID, _ indices: [Int], _ starts: [Int]) -> ChannelGroup.Member {
        let (value, axis) = axes.owners[Int(axisID)]
        let isConstant = graph.constants[value] != nil
        let part = isConstant ? axes.parts[Int(axisID)]?.part ?? .carrier : .activation
        return ChannelGroup.Member(
            value: value, axis: axis, part: part, role: isConstant ? uses[value]?.role : nil,
            node: node(of: axisID), indices: indices, starts: starts)
    }

    /// The node that reads a constant or computes an activation.
    private func node(of axisID: AxisGraph.AxisID) -> NodeID? {
        let value = axes.owners[Int(axisID)].value
        guard graph.constants[value] != nil else { return graph[value].producer }
        return axes.parts[Int(axisID)]?.reader ?? uses[value]?.reader
    }

    /// Sorts the axes of a group: by node, constants before results, by slot as the values were made.
    private func order(of axisID: AxisGraph.AxisID) -> (Int, Int, AxisGraph.AxisID) {
        let isConstant = graph.constants[axes.owners[Int(axisID)].value] != nil
        let position = node(of: axisID).flatMap { positions[$0] } ?? -1
        return (position, isConstant ? 0 : 1, axisID)
    }

    // MARK: Obstacles

    private func obstacle(along sorted: [AxisGraph.AxisID], channelCount: Int) -> String? {
        for axis in sorted {
            if let obstacle = axes.obstacles[Int(axis)] { return text(of: obstacle) }
        }
        return channelCount > 1 ? nil : "it is a single channel"
    }

    private func text(of obstacle: AxisGraph.Obstacle) -> String {
        switch obstacle {
        case .input(let value): "\(graph[value].name) is an input of the model"
        case .output(let value): "\(graph[value].name) is an output of the model"
        case .opaque(let node, let reason): "\(graph[node].label): \(reason)"
        case .unlinked(let node, let axis): "\(graph[node].label) does not work channel by channel along axis \(axis)"
        }
    }
}
