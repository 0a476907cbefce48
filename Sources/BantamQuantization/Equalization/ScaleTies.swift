import BantamGraph
import BantamLayerwise

/// Which channels of which activations must be multiplied together, and which must stay as they are.
///
/// Like ``ChannelGroups`` it follows the links that operators state, but through those operators only that hand a
/// positive factor on; and it stops at each weight, which takes factors up.
struct ScaleTies {
    private let scope: QuantizationScope
    private var layouts: [NodeID: WeightLayout] = [:]
    private var links: [(source: Axis, target: Axis, mapping: AxisLink.Mapping)] = []
    /// Constants that are added, with the output axis along which they follow its channels.
    private(set) var offsets: [(value: ValueID, axis: Int, output: ValueID, outputAxis: Int)] = []
    /// The axes that are met by an operator that hands factors on along them.
    private var passes: [NodeID: Set<Axis>] = [:]

    private var firstAtom: [Axis: Int] = [:]
    private var sets = DisjointSets(count: 0)
    /// By atom: its channel's number, or -1.
    private var channelOfAtom: [Int] = []
    private(set) var freeCount = 0

    private struct Axis: Hashable {
        var value: ValueID
        var axis: Int
    }

    init(in scope: QuantizationScope) {
        self.scope = scope
        for node in scope.graph.nodes.values {
            if let layout = WeightLayout(of: node, in: scope) {
                layouts[node.id] = layout
            } else if let passing = HomogeneousOperator(node, in: scope) {
                add(node, passing)
            }
        }
    }

    func layout(of node: NodeID) -> WeightLayout? { layouts[node] }

    /// The numbers of the channels along an axis, or -1 where they cannot be multiplied.
    func channels(of value: ValueID, axis: Int, count: Int) -> [Int] {
        guard let first = firstAtom[Axis(value: value, axis: axis)] else { return Array(repeating: -1, count: count) }
        return (0..<count).map { channelOfAtom[first + $0] }
    }

    // MARK: Links

    private mutating func add(_ node: Node, _ passing: HomogeneousOperator) {
        var linked: [SlotAxis: Int] = [:]
        for link in passing.links {
            guard let source = axis(link.source, of: node), let target = axis(link.target, of: node) else { continue }
            // A link from an axis to itself says that channels end here, or ties groups of them together.
            if link.source == link.target, link.mapping == .same { continue }
            if case .output = link.target.slot, passing.offsets.contains(source.value) {
                offsets.append((source.value, source.axis, target.value, target.axis))
            } else {
                links.append((source, target, link.mapping))
            }
            linked[link.source, default: 0] += 1
            linked[link.target, default: 0] += 1
        }
        // Along an axis of the result, each operand that is computed has to follow, and each constant that is added.
        let operands = node.inputs.indices.filter { passing.operands.contains($0) }
        for (slotAxis, _) in linked {
            guard let axis = axis(slotAxis, of: node) else { continue }
            if case .output = slotAxis.slot {
                let sources = passing.links.filter { $0.target == slotAxis }.map(\.source.slot)
                let all = operands.allSatisfy { slot in sources.contains(.input(slot)) || passing.isZero(slot) }
                // A part that is cut out is linked from the result to what it was cut from.
                if !all, !passing.links.contains(where: { $0.source == slotAxis }) { continue }
            }
            passes[node.id, default: []].insert(axis)
        }
    }

    private func axis(_ slotAxis: SlotAxis, of node: Node) -> Axis? {
        let value: ValueID? =
            switch slotAxis.slot {
            case .input(let index): index < node.inputs.count ? node.inputs[index] : nil
            case .output(let index): index < node.outputs.count ? node.outputs[index] : nil
            }
        return value.map { Axis(value: $0, axis: slotAxis.axis) }
    }

    // MARK: Channels

    /// Numbers the channels that are free.
    mutating func resolve() {
        let axes = axesOfChannels()
        for axis in axes {
            firstAtom[axis] = channelOfAtom.count
            channelOfAtom += Array(repeating: 0, count: extent(of: axis))
        }
        sets = DisjointSets(count: channelOfAtom.count)
        for link in links { join(link.source, link.target, link.mapping) }
        var isFixed = [Bool](repeating: false, count: channelOfAtom.count)
        for axis in axes where !isFree(axis) {
            for index in 0..<extent(of: axis) { isFixed[sets.root(of: (firstAtom[axis] ?? 0) + index)] = true }
        }
        var numbers: [Int: Int] = [:]
        for atom in channelOfAtom.indices {
            let root = sets.root(of: atom)
            if isFixed[root] {
                channelOfAtom[atom] = -1
            } else {
                numbers[root] = numbers[root] ?? numbers.count
                channelOfAtom[atom] = numbers[root] ?? 0
            }
        }
        freeCount = numbers.count
    }

    /// The axes that a layer makes or reads channels along, and those that hang together with them; in the order in
    /// which they are met.
    private func axesOfChannels() -> [Axis] {
        var neighbours: [Axis: [Axis]] = [:]
        for link in links {
            neighbours[link.source, default: []].append(link.target)
            neighbours[link.target, default: []].append(link.source)
        }
        var pending: [Axis] = []
        for node in scope.graph.nodes.values {
            guard let layout = layouts[node.id] else { continue }
            if let axis = layout.inputAxis, let input = node.inputs[0] {
                pending.append(Axis(value: input, axis: axis))
            }
            if let output = node.mainOutput { pending.append(Axis(value: output, axis: layout.outputAxis)) }
        }
        pending.reverse()
        var met: Set<Axis> = []
        var order: [Axis] = []
        while let axis = pending.popLast() {
            guard met.insert(axis).inserted else { continue }
            order.append(axis)
            pending += neighbours[axis] ?? []
        }
        return order
    }

    private func extent(of axis: Axis) -> Int { scope.types[axis.value]?.shape[axis.axis] ?? 0 }

    /// Whether all that make or read the value do so along this axis, and let a factor through or take it up.
    private func isFree(_ axis: Axis) -> Bool {
        let graph = scope.graph
        guard !graph.isOutput(axis.value), let producer = graph.producer(of: axis.value) else { return false }
        if let layout = layouts[producer.id] {
            guard producer.mainOutput == axis.value, layout.outputAxis == axis.axis else { return false }
        } else if passes[producer.id]?.contains(axis) != true {
            return false
        }
        return graph.consumers(of: axis.value).allSatisfy { id in
            guard let layout = layouts[id] else { return passes[id]?.contains(axis) == true }
            let node = graph[id]
            return layout.inputAxis == axis.axis && node.inputs.count { $0 == axis.value } == 1
        }
    }

    private mutating func join(_ source: Axis, _ target: Axis, _ mapping: AxisLink.Mapping) {
        guard let from = firstAtom[source], let to = firstAtom[target] else { return }
        sets.unite(along: mapping, from: from, count: extent(of: source), to: to, count: extent(of: target))
    }
}
