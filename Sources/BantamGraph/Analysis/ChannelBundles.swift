/// Channels bundled into groups: those that lie along the same axes.
struct ChannelBundles {
    private(set) var groups: [ChannelGroup] = []
    private let graph: Graph
    private let axes: AxisGraph
    private let atoms: ChannelAtoms
    private let channels: ChannelAtoms.Channels
    private let positions: [NodeID: Int]
    private let uses: [ValueID: ConstantUse]
    /// By line: where it stands in the signature of the group at hand.
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

        var numbers: [[AxisGraph.AxisID]: Int] = [:]
        var bundles: [(signature: [AxisGraph.AxisID], channels: [Int])] = []
        // Neighbouring channels mostly lie along the same axes, and comparing is faster than hashing.
        var latest = -1
        for channel in 0..<channels.count {
            if latest < 0 || !lies(channel, along: bundles[latest].signature) {
                let signature = signature(of: channel)
                latest = numbers[signature] ?? bundles.count
                if latest == bundles.count {
                    numbers[signature] = latest
                    bundles.append((signature, []))
                }
            }
            bundles[latest].channels.append(channel)
        }
        var ordered: [(order: [Int], group: ChannelGroup)] = []
        for bundle in bundles {
            if let group = group(of: bundle.channels, along: bundle.signature) { ordered.append(group) }
        }
        groups = ordered.sorted { $0.order.lexicographicallyPrecedes($1.order) }.map(\.group)
    }

    /// The lines a channel lies along, ascending, as its atoms are.
    private func signature(of channel: Int) -> [AxisGraph.AxisID] {
        var signature: [AxisGraph.AxisID] = []
        for atom in channels.atoms(of: channel) where signature.last != atoms.line(of: atom) {
            signature.append(atoms.line(of: atom))
        }
        return signature
    }

    private func lies(_ channel: Int, along signature: [AxisGraph.AxisID]) -> Bool {
        var place = -1
        for atom in channels.atoms(of: channel) {
            let line = atoms.line(of: atom)
            if place >= 0, signature[place] == line { continue }
            place += 1
            guard place < signature.count, signature[place] == line else { return false }
        }
        return place == signature.count - 1
    }

    /// The group of `members`, with what decides its place among the groups; `nil` when no weight makes them.
    private mutating func group(
        of members: [Int], along signature: [AxisGraph.AxisID]
    ) -> (order: [Int], group: ChannelGroup)? {
        let sorted = signature.flatMap(atoms.axes).map { (order(of: $0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        guard let producer = sorted.first(where: { axes.parts[Int($0)]?.part == .producer }),
            let reader = axes.parts[Int(producer)]?.reader
        else { return nil }
        let line = atoms.line(ofAxis: producer)
        // Channels are numbered as the first producer numbers them.
        let firstIndices = members.map { channel in
            channels.atoms(of: channel).first { atoms.line(of: $0) == line }.map(atoms.index) ?? 0
        }
        let numbered = zip(firstIndices, members).sorted { $0.0 < $1.0 }.map(\.1)
        let lists = indexLists(of: numbered, along: signature)
        for (place, line) in signature.enumerated() { places[Int(line)] = place }
        let group = ChannelGroup(
            channelCount: members.count,
            members: sorted.map { axis in
                let (indices, starts) = lists[places[Int(atoms.line(ofAxis: axis))]]
                return member(axis, indices, starts)
            },
            obstacle: obstacle(along: sorted, channelCount: members.count), label: graph[reader].label)
        return ([positions[reader, default: 0], firstIndices.min() ?? 0, Int(producer)], group)
    }

    /// For each line the indices of the channels along it, and where those of each channel begin.
    private func indexLists(
        of numbered: [Int], along signature: [AxisGraph.AxisID]
    ) -> [(indices: [Int], starts: [Int])] {
        let onePerLine = numbered.allSatisfy { channels.atoms(of: $0).count == signature.count }
        if onePerLine {
            let starts = Array(0...numbered.count)
            return signature.indices.map { place in
                let first = atoms.firstAtom(of: signature[place])
                return (numbered.map { channels.atom(place, of: $0) - first }, starts)
            }
        }
        var lists = Array(repeating: (indices: [Int](), starts: [0]), count: signature.count)
        for channel in numbered {
            var place = 0
            for atom in channels.atoms(of: channel) {
                while signature[place] != atoms.line(of: atom) { place += 1 }
                lists[place].indices.append(atoms.index(of: atom))
            }
            for place in signature.indices { lists[place].starts.append(lists[place].indices.count) }
        }
        return lists
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
        // First, as operators do not follow axes of size 1 that broadcast or fall away.
        guard channelCount > 1 else { return "it is a single channel" }
        return sorted.lazy.compactMap { axes.obstacles[Int($0)] }.first.map(text)
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
