/// Every axis along which the same channels lie in the same order as along one of them.
///
/// If the weights among them are put into another order, all alike, the model computes the same: what makes a
/// channel, what changes it and what reads it have moved together. Along axis 1 of what a convolution computes, that
/// is axis 0 of its weight and of its bias, axis 0 of a BatchNorm's parameters behind it, and axis 1 of the next
/// convolution's weight.
struct ChannelOrder {
    /// One axis of one value.
    struct Place: Hashable {
        var value: ValueID
        var axis: Int
    }

    private(set) var places: Set<Place> = []

    /// Goes along the links that operators state (``ChannelFlow``), from a place to all that list the same channels.
    ///
    /// - Parameter excluded: Nodes beyond which nothing follows.
    /// - Throws: why the order cannot change, as where the caller of the model sees it.
    /// - Complexity: O(nodes that read or compute the places).
    init(
        along place: Place, in graph: Graph, _ types: ShapeInference, outside excluded: Set<NodeID>
    ) throws(Obstacle) {
        let outside = Set(graph.inputs.map(\.value)).union(graph.outputs)
        var pending = [place]
        while let place = pending.popLast() {
            guard places.insert(place).inserted else { continue }
            guard !outside.contains(place.value) else {
                throw Obstacle(place.value, of: graph)
            }
            let nodes = graph.consumers(of: place.value) + [graph[place.value].producer].compactMap(\.self)
            for node in nodes where !excluded.contains(node) {
                pending += try Self.places(beyond: place, graph[node], types)
            }
        }
    }

    /// Where else the node has the channels of one of its places.
    private static func places(
        beyond place: Place, _ node: Node, _ types: ShapeInference
    ) throws(Obstacle) -> [Place] {
        guard let definition = try? Operators.definition(of: node) else {
            throw Obstacle("\(node.label) is an unknown operator")
        }
        let links = definition.channelFlow(of: types.context(of: node)).links
        var found: [Place] = []
        for slotAxis in node.slots(of: place.value).map({ SlotAxis(slot: $0, axis: place.axis) }) {
            let touching = links.filter { $0.source == slotAxis || $0.target == slotAxis }
            guard !touching.isEmpty, touching.allSatisfy(\.mapping.keepsOrder) else {
                throw Obstacle("\(node.label) goes by the place of its channels")
            }
            found += touching.flatMap { [$0.source, $0.target] }.compactMap { end in
                node.value(in: end.slot).map { Place(value: $0, axis: end.axis) }
            }
        }
        return found
    }

    /// Why an order has to stay, for people.
    struct Obstacle: Error {
        var reason: String

        init(_ reason: String) { self.reason = reason }

        /// - Parameter shown: An input or output of the graph.
        init(_ shown: ValueID, of graph: Graph) { reason = "\(graph[shown].name) shows its channels to the caller" }
    }
}

extension Node {
    /// All slots that the value fills.
    fileprivate func slots(of value: ValueID) -> [SlotAxis.Slot] {
        inputs.indices.filter { inputs[$0] == value }.map { .input($0) }
            + outputs.indices.filter { outputs[$0] == value }.map { .output($0) }
    }

    fileprivate func value(in slot: SlotAxis.Slot) -> ValueID? {
        switch slot {
        case .input(let index): index < inputs.count ? inputs[index] : nil
        case .output(let index): index < outputs.count ? outputs[index] : nil
        }
    }
}

extension AxisLink.Mapping {
    /// Whether index `i` corresponds to index `i`.
    fileprivate var keepsOrder: Bool { self == .same || self == .blocks(size: 1) }
}
