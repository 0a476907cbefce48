import OrderedCollections

/// Neighbouring nodes that only move whole channels and shuffle them on the way, and where each channel comes out.
///
/// Channels are moved along axis 1: by joining tensors (`Concat`), by cutting them (`Split`, `Slice`), and by a
/// ``ChannelShuffle``.
struct ChannelRoutes {
    /// A channel, by where it comes in.
    struct Channel: Hashable {
        var source: ValueID
        var index: Int
    }

    /// All that belong together.
    private(set) var nodes: Set<NodeID> = []
    private(set) var shuffles: [ChannelShuffle] = []
    /// The values whose channels are moved, in the order in which they are read.
    private(set) var sources: OrderedSet<ValueID> = []
    /// By value that one of the nodes makes: which channel lies where.
    private(set) var channels: OrderedDictionary<ValueID, [Channel]> = [:]

    /// What is found in a graph, from the first on; nothing that does not shuffle.
    ///
    /// - Complexity: O(nodes + edges + moved channels).
    static func all(in graph: Graph, _ free: FreeDimensions) -> [ChannelRoutes] {
        var moves: OrderedDictionary<NodeID, Move> = [:]
        for node in graph.nodes.values {
            moves[node.id] = ChannelShuffle(endingWith: node, in: graph, free).map { Move($0) } ?? Move(node, free)
        }
        var sets = DisjointSets(count: moves.count)
        for (position, move) in moves.values.enumerated() {
            for producer in move.inputs.compactMap({ graph[$0].producer }) {
                if let other = moves.index(forKey: producer) { sets.unite(position, other) }
            }
        }
        var found: OrderedDictionary<Int, ChannelRoutes> = [:]
        for (position, move) in moves.values.enumerated() {
            found[sets.root(of: position), default: ChannelRoutes()].append(move, free.first)
        }
        return found.values.filter { !$0.shuffles.isEmpty }
    }

    private mutating func append(_ move: Move, _ types: ShapeInference) {
        nodes.formUnion(move.nodes)
        if let shuffle = move.shuffle { shuffles.append(shuffle) }
        let lying = move.inputs.map { input in
            if let known = channels[input] { return known }
            sources.append(input)
            return (0..<types.channelCount(of: input)).map { Channel(source: input, index: $0) }
        }
        for (output, places) in move.outputs { channels[output] = places.map { lying[$0.input][$0.index] } }
    }
}

/// What one node, or a whole shuffle, does with channels.
private struct Move {
    /// A place along axis 1 of one of the inputs.
    struct Place {
        var input: Int
        var index: Int
    }

    var nodes: [NodeID]
    var shuffle: ChannelShuffle?
    var inputs: [ValueID]
    /// For each place along an output's channels, where the channel comes from.
    var outputs: [(value: ValueID, places: [Place])]

    init(_ shuffle: ChannelShuffle) {
        nodes = shuffle.nodes
        self.shuffle = shuffle
        inputs = [shuffle.input]
        outputs = [(shuffle.output, shuffle.order.map { Place(input: 0, index: $0) })]
    }

    /// `nil` for a node that does anything else, or whose channels have no fixed number.
    init?(_ node: Node, _ free: FreeDimensions) {
        guard node.domain.isEmpty, ["Concat", "Split", "Slice"].contains(node.operatorName),
            let definition = try? Operators.definition(of: node)
        else { return nil }
        let types = free.first
        let context = types.context(of: node)
        if node.operatorName == "Slice" {
            // An end along another axis may cut at some sizes of it, and not at those that are tried.
            guard let axes = try? context.constantInts(3, called: "axes"), axes == [1] else { return nil }
        }
        // What follows are settings.
        let moved = node.operatorName == "Concat" ? node.inputs : Array(node.inputs.prefix(1))
        nodes = [node.id]
        inputs = moved.compactMap(\.self)
        outputs = node.outputs.compactMap(\.self).map { output in
            (output, Array(repeating: Place(input: -1, index: 0), count: types.channelCount(of: output)))
        }
        guard inputs.count == moved.count, outputs.count == node.outputs.count,
            (inputs + outputs.map(\.value)).allSatisfy({
                types.channelCount(of: $0) == free.second.channelCount(of: $0)
            })
        else { return nil }
        var linked: Set<SlotAxis> = []
        // A part, which is an input of what joins and an output of what cuts, lies somewhere in the whole.
        for link in definition.channelFlow(of: context).links {
            linked.insert(link.source)
            guard link.source.axis == 1 else {
                // Nothing may be joined or cut along another axis.
                guard link.mapping == .same else { return nil }
                continue
            }
            let start: Int
            switch link.mapping {
            case .same: start = 0
            case .offset(let offset): start = offset
            default: return nil
            }
            switch (link.source.slot, link.target.slot) {
            case (.input(let input), .output(let output)):
                for index in 0..<types.channelCount(of: inputs[input]) {
                    outputs[output].places[start + index] = Place(input: input, index: index)
                }
            case (.output(let output), .input(let input)):
                for index in outputs[output].places.indices {
                    outputs[output].places[index] = Place(input: input, index: start + index)
                }
            default: return nil
            }
        }
        let parts: [SlotAxis.Slot] =
            node.operatorName == "Concat" ? inputs.indices.map { .input($0) } : outputs.indices.map { .output($0) }
        let rank = types[inputs[0]]?.shape.rank ?? 0
        guard rank > 1, outputs.allSatisfy({ $0.places.allSatisfy { $0.input >= 0 } }),
            parts.allSatisfy({ part in (0..<rank).allSatisfy { linked.contains(SlotAxis(slot: part, axis: $0)) } })
        else { return nil }
    }
}

extension ShapeInference {
    /// The extent of axis 1, where there is one.
    fileprivate func channelCount(of value: ValueID) -> Int {
        self[value].flatMap { $0.shape.rank > 1 ? $0.shape[1] : nil } ?? 0
    }
}
