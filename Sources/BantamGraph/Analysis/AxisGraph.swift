/// The axes of all values of a graph, numbered, with the links that operators state between them.
struct AxisGraph {
    /// One axis of one value.
    typealias AxisID = Int32

    struct Link {
        var source: AxisID
        var target: AxisID
        var mapping: AxisLink.Mapping
    }

    /// What a constant's axis does for the channels along it.
    struct ConstantPart {
        var part: ChannelGroup.Part
        var reader: NodeID
    }

    /// Why channels along an axis must stay.
    enum Obstacle {
        case input(ValueID)
        case output(ValueID)
        case opaque(NodeID, String)
        case unlinked(NodeID, axis: Int)
    }

    private(set) var links: [Link] = []
    /// By axis.
    private(set) var extents: [Int] = []
    private(set) var owners: [(value: ValueID, axis: Int)] = []
    private(set) var parts: [ConstantPart?] = []
    private(set) var obstacles: [Obstacle?] = []

    /// By value: the number of its axis 0, or -1 where its type is not known.
    private var firstAxis: [AxisID]
    /// By value: whether it is the same in each run.
    private var isStored: [Bool]
    /// Where a node's axes stand in its own union-find, valid where `epoch` is the node's.
    private var localIndex: [Int] = []
    private var epoch: [Int] = []

    init(of graph: Graph, types: ShapeInference, facts: FlowFacts) throws(GraphError) {
        firstAxis = Array(repeating: -1, count: Int(graph.nextValue))
        isStored = Array(repeating: false, count: Int(graph.nextValue))
        number(graph, types)
        for value in graph.constants.keys { isStored[Int(value.rawValue)] = true }
        for input in graph.inputs { block(input.value, .input(input.value)) }

        // Weights, and what is known once the batch is: a class token repeated for each sample.
        var holdsWeight = Set(graph.constants.lazy.filter { Self.isWeight($0.value) }.map(\.key))
        var storedNodes: [(node: Node, links: Range<Int>)] = []
        for (position, node) in graph.nodes.values.enumerated() {
            let readsOnlyStored = node.inputs.allSatisfy { $0.map(isStored) ?? true }
            let isKnown = node.outputs.allSatisfy { $0.map { types.known[$0] != nil } ?? true }
            let readsWeight = node.inputs.contains { $0.map { holdsWeight.contains($0) } ?? false }
            if readsWeight { holdsWeight.formUnion(node.outputs.compactMap(\.self)) }
            // What a node computes from shapes alone follows them when they change; it reads no channel.
            if !readsOnlyStored, isKnown, !readsWeight { continue }
            let begin = links.count
            try addLinks(of: node, facts)
            if readsOnlyStored {
                for output in node.outputs.compactMap(\.self) { isStored[Int(output.rawValue)] = true }
                storedNodes.append((node, begin..<links.count))
            } else {
                assignParts(of: node, links[begin...], epoch: position)
            }
        }
        for output in graph.outputs { block(output, .output(output)) }
        // A weight behind a Transpose or DequantizeLinear has the part of what comes out of that.
        for (_, range) in storedNodes.reversed() {
            for link in links[range] {
                let (source, target) = (Int(link.source), Int(link.target))
                if parts[source] == nil { parts[source] = parts[target] }
                if parts[target] == nil { parts[target] = parts[source] }
            }
        }
    }

    /// More axes than this no shape has that sizes are computed for.
    private static let longestShape = 8

    /// Whether a constant is more than a number that sizes are computed with.
    private static func isWeight(_ data: TensorData) -> Bool {
        data.dtype.isFloatingPoint && data.elementCount > Self.longestShape
    }

    private mutating func number(_ graph: Graph, _ types: ShapeInference) {
        for raw in 0..<graph.nextValue {
            let value = ValueID(rawValue: raw)
            guard graph.values[value] != nil, let shape = types[value]?.shape else { continue }
            firstAxis[Int(raw)] = AxisID(extents.count)
            for axis in 0..<shape.rank {
                extents.append(shape[axis])
                owners.append((value, axis))
            }
        }
        parts = Array(repeating: nil, count: extents.count)
        obstacles = Array(repeating: nil, count: extents.count)
        localIndex = Array(repeating: 0, count: extents.count)
        epoch = Array(repeating: -1, count: extents.count)
    }

    private func isStored(_ value: ValueID) -> Bool { isStored[Int(value.rawValue)] }

    private func axes(of value: ValueID) -> Range<Int> {
        let first = Int(firstAxis[Int(value.rawValue)])
        guard first >= 0 else { return 0..<0 }
        var end = first
        while end < owners.count, owners[end].value == value { end += 1 }
        return first..<end
    }

    private mutating func block(_ value: ValueID, _ obstacle: Obstacle) {
        for axis in axes(of: value) where obstacles[axis] == nil { obstacles[axis] = obstacle }
    }

    // MARK: Links

    private mutating func addLinks(of node: Node, _ facts: FlowFacts) throws(GraphError) {
        switch facts.channelFlow(of: node) {
        case .links(let stated): add(stated, of: node)
        case .partial(let stated, let reason): add(stated, of: node, otherwise: reason)
        case .opaque(let reason):
            for value in (node.inputs + node.outputs).compactMap(\.self) { block(value, .opaque(node.id, reason)) }
        }
    }

    private mutating func add(_ stated: [AxisLink], of node: Node, otherwise reason: String? = nil) {
        var linked: Set<SlotAxis> = []
        for link in stated {
            guard let source = axisID(link.source, of: node), let target = axisID(link.target, of: node) else {
                continue
            }
            check(link, Int(source), Int(target), node)
            linked.insert(link.source)
            linked.insert(link.target)
            links.append(Link(source: source, target: target, mapping: link.mapping))
        }
        blockUnlinked(node.inputs, of: node, linked, reason) { .input($0) }
        blockUnlinked(node.outputs, of: node, linked, reason) { .output($0) }
    }

    private mutating func blockUnlinked(
        _ values: [ValueID?], of node: Node, _ linked: Set<SlotAxis>, _ reason: String?, slot: (Int) -> SlotAxis.Slot
    ) {
        for (index, value) in values.enumerated() {
            guard let value else { continue }
            for axis in axes(of: value) where obstacles[axis] == nil {
                let position = owners[axis].axis
                if !linked.contains(SlotAxis(slot: slot(index), axis: position)) {
                    obstacles[axis] = reason.map { .opaque(node.id, $0) } ?? .unlinked(node.id, axis: position)
                }
            }
        }
    }

    private func axisID(_ slotAxis: SlotAxis, of node: Node) -> AxisID? {
        let value: ValueID?? =
            switch slotAxis.slot {
            case .input(let index): index < node.inputs.count ? node.inputs[index] : nil
            case .output(let index): index < node.outputs.count ? node.outputs[index] : nil
            }
        guard let value = value ?? nil, firstAxis[Int(value.rawValue)] >= 0 else { return nil }
        precondition(axes(of: value).count > slotAxis.axis, "\(node.label) links an axis that \(slotAxis) lacks")
        return firstAxis[Int(value.rawValue)] + AxisID(slotAxis.axis)
    }

    /// A link that does not fit the shapes is a fault in the operator's definition.
    private func check(_ link: AxisLink, _ source: Int, _ target: Int, _ node: Node) {
        let (count, targetCount) = (extents[source], extents[target])
        let fits =
            switch link.mapping {
            case .same: count == targetCount
            case .offset(let offset): offset >= 0 && offset + count <= targetCount
            case .blocks(let size): count * size == targetCount
            case .modulo(let modulus): modulus <= targetCount && (modulus > 0 || count == 0)
            case .digit(let digits, let sourceStride, let targetStride):
                count.isMultiple(of: digits * sourceStride) && targetCount.isMultiple(of: digits * targetStride)
            }
        precondition(fits, "\(node.label): the link \(link) does not fit axes of \(count) and \(targetCount) entries")
    }

    // MARK: Parts

    /// Says for each stored input's axis whether the node makes, changes or reads channels with it: that shows in
    /// whether the node's own links lead from it to an input, to an output, or to both.
    private mutating func assignParts(of node: Node, _ links: ArraySlice<Link>, epoch: Int) {
        var axes: [Int] = []
        var parents = DisjointSets(count: 0)
        func local(_ axis: AxisID, _ graph: inout AxisGraph) -> Int {
            let axis = Int(axis)
            if graph.epoch[axis] != epoch {
                graph.epoch[axis] = epoch
                graph.localIndex[axis] = axes.count
                axes.append(axis)
                parents.append()
            }
            return graph.localIndex[axis]
        }
        for link in links {
            let (source, target) = (local(link.source, &self), local(link.target, &self))
            parents.unite(source, target)
        }
        let outputs = node.outputs.compactMap(\.self)
        var readsInput = [Bool](repeating: false, count: axes.count)
        var reachesOutput = readsInput
        for (index, axis) in axes.enumerated() where !isStored(owners[axis].value) {
            let root = parents.root(of: index)
            if outputs.contains(owners[axis].value) { reachesOutput[root] = true } else { readsInput[root] = true }
        }
        for (index, axis) in axes.enumerated() where isStored(owners[axis].value) && parts[axis] == nil {
            let root = parents.root(of: index)
            let part: ChannelGroup.Part? =
                switch (readsInput[root], reachesOutput[root]) {
                case (false, true): .producer
                case (true, true): .carrier
                case (true, false): .consumer
                case (false, false): nil
                }
            parts[axis] = part.map { ConstantPart(part: $0, reader: node.id) }
        }
    }
}
