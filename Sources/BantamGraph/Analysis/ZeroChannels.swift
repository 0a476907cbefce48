/// Zero preservation along the axes of a graph: tells where channels whose weights are zero have become something
/// else on their way.
///
/// One pass in the graph's order, by ``Operator/zeroPreservation(of:)`` and the links between axes.
struct ZeroChannels {
    /// What pruning makes of the entries along one axis of a value.
    private enum State: Hashable {
        /// No entry can go: the axis is an input's, or linked to nothing.
        case fixed
        /// Zero where the channel's weights are.
        case zero
        /// Another number, made by this node.
        case lifted(NodeID)
    }

    private let graph: Graph
    private var states: [ValueID: [State]] = [:]

    /// - Parameter flows: How channels travel through each node; the links of nodes that have none stop here.
    /// - Complexity: O(links).
    init(in graph: Graph, _ types: ShapeInference, flows: [NodeID: ChannelFlow]) throws(GraphError) {
        self.graph = graph
        for input in graph.inputs {
            states[input.value] = Array(repeating: .fixed, count: input.dimensions.count)
        }
        // A weight goes with the channels that it has an entry for.
        for (value, data) in graph.constants {
            states[value] = data.shape.dimensions.map { $0 > 1 ? .zero : .fixed }
        }
        for node in graph.nodes.values {
            let context = types.context(of: node)
            let rule = try Operators.definition(of: node).zeroPreservation(of: context)
            let sources = Self.sources(flows[node.id]?.links ?? [])
            for (index, output) in node.outputs.enumerated() {
                guard let output, let rank = types[output]?.shape.rank else { continue }
                states[output] = (0..<rank).map { axis in
                    state(of: node, context, rule, sources[.output(index, axis: axis)] ?? [:])
                }
            }
        }
    }

    /// The node that has made other numbers of zeros along an axis; `nil` where they are zeros still.
    func lifting(_ value: ValueID, axis: Int) -> NodeID? {
        guard let states = states[value], axis < states.count, case .lifted(let node) = states[axis] else { return nil }
        return node
    }

    /// For each axis of an output the axes of inputs that are linked to it, directly or through other inputs, by slot.
    private static func sources(_ links: [AxisLink]) -> [SlotAxis: [Int: [Int]]] {
        var neighbours: [SlotAxis: [SlotAxis]] = [:]
        for link in links where link.source != link.target {
            neighbours[link.source, default: []].append(link.target)
            neighbours[link.target, default: []].append(link.source)
        }
        var sources: [SlotAxis: [Int: [Int]]] = [:]
        for output in neighbours.keys where output.isOutput {
            var front = [output]
            var seen: Set<SlotAxis> = [output]
            while let place = front.popLast() {
                for next in neighbours[place] ?? [] where !next.isOutput && seen.insert(next).inserted {
                    if case .input(let slot) = next.slot {
                        sources[output, default: [:]][slot, default: []].append(next.axis)
                    }
                    front.append(next)
                }
            }
        }
        return sources
    }

    private func state(
        of node: Node, _ context: NodeContext, _ rule: ZeroPreservation, _ sources: [Int: [Int]]
    ) -> State {
        var linked: [Int: State] = [:]
        for (slot, axes) in sources { linked[slot] = joined(axes.map { state(ofInput: slot, axis: $0, of: node) }) }
        guard linked.values.contains(where: { $0 != .fixed }) else { return .fixed }
        /// An input that does not follow the channels is zero only where it is known to be.
        func slotState(_ slot: Int) -> State {
            if let state = linked[slot] { return state }
            if slot >= node.inputs.count || node.inputs[slot] == nil { return .zero }
            return context.constant(slot)?.isZero ?? false ? .zero : .lifted(node.id)
        }
        switch rule {
        case .never: return .lifted(node.id)
        case .whereAll(let slots): return joined(slots.map(slotState))
        case .whereAny(let slots):
            let found = slots.filter { $0 < node.inputs.count }.map(slotState)
            return found.contains { $0 == .zero || $0 == .fixed } ? .zero : joined(found)
        }
    }

    private func state(ofInput slot: Int, axis: Int, of node: Node) -> State {
        guard slot < node.inputs.count, let value = node.inputs[slot], let states = states[value], axis < states.count
        else { return .fixed }
        return states[axis]
    }

    /// What several axes are that entries of one come from. A fixed one adds nothing, as nothing goes along it.
    private func joined(_ states: [State]) -> State {
        for state in states { if case .lifted = state { return state } }
        return states.contains(.zero) ? .zero : .fixed
    }
}

extension SlotAxis {
    var isOutput: Bool { if case .output = slot { true } else { false } }
}

extension TensorData {
    /// Whether all elements are zero, of either sign.
    fileprivate var isZero: Bool { numbers.allSatisfy { $0 == 0 } }
}
