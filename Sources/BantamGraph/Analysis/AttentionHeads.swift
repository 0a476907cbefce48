/// Finds the axes that number the heads of attention layers.
///
/// Attention multiplies what it computes from one input with what it computes from another: queries with keys, weights
/// with values. An axis that runs through both operands and the result of such a product separates what never mixes:
/// the samples of a batch, windows of tokens, or heads. From there axes are followed through the graph up to where a
/// reshape joins them to others or cuts them off. That is where heads are told from features, by ``ReshapeChoice``.
///
/// ```
/// [N, L, D] -Reshape-> [N, L, heads, d] -Transpose-> [N, heads, L, d] -MatMul-> ...
///                             ^^^^^ found at the reshape's output
/// ```
struct AttentionHeads {
    /// By node that changes shapes.
    private var axes: [NodeID: Set<SlotAxis>] = [:]
    private let channels: AttentionChannels

    private static let products: Set<String> = ["Einsum", "MatMul"]

    /// - Complexity: O(nodes + axes), nearly; O(nodes) for a graph without such products.
    init(in graph: Graph, _ types: ShapeInference, as channels: AttentionChannels) throws(GraphError) {
        self.channels = channels
        var numbering = AxisNumbering(graph, types)
        let products = Self.products(in: graph)
        guard !products.isEmpty else { return }
        var reshapes: [(node: Node, blocks: [[ReshapeFactor]])] = []
        var marked: [Int] = []
        for node in graph.nodes.values {
            let definition = try Operators.definition(of: node)
            let context = types.context(of: node)
            if definition is any ShapeChange.Type {
                guard node.inputs.first.flatMap({ $0 }) != nil else { continue }
                let blocks = ReshapeFactor.blocks(from: context.inputShape(0), to: context.outputShape(0))
                for block in blocks where block.count == 1 {
                    numbering.unite(AxisLink(block[0].source, block[0].target), of: node)
                }
                let mixed = blocks.filter { $0.count > 1 }
                if !mixed.isEmpty { reshapes.append((node, mixed)) }
            } else {
                let links = definition.channelFlow(of: context).links
                for link in links { numbering.unite(link, of: node) }
                if products.contains(node.id) {
                    marked += Self.commonAxes(links, of: node).compactMap { numbering.axis($0, of: node) }
                }
            }
        }
        var isHead = [Bool](repeating: false, count: numbering.count)
        for axis in marked { isHead[numbering.root(of: axis)] = true }
        // What goes back to an input is the batch, or a place.
        let places = Set(graph.inputs.flatMap { numbering.axes(of: $0.value).map { numbering.root(of: $0) } })
        for axis in places { isHead[axis] = false }
        Self.spread(&isHead, over: reshapes, except: places, &numbering)
        for (node, blocks) in reshapes {
            let found = Set(blocks.joined().flatMap { [$0.source, $0.target] }).filter { slotAxis in
                numbering.axis(slotAxis, of: node).map { isHead[numbering.root(of: $0)] } ?? false
            }
            if !found.isEmpty { axes[node.id] = found }
        }
    }

    /// Follows heads through axes that they share with a batch in front of them, `N*heads`. Axes of features, of which
    /// each head has several in a row, are where they end.
    private static func spread(
        _ isHead: inout [Bool], over reshapes: [(node: Node, blocks: [[ReshapeFactor]])], except places: Set<Int>,
        _ numbering: inout AxisNumbering
    ) {
        var isChanged = true
        while isChanged {
            isChanged = false
            for (node, blocks) in reshapes {
                for block in blocks {
                    let head = block.numberingHeads { axis in
                        numbering.axis(axis, of: node).map { isHead[numbering.root(of: $0)] } ?? false
                    }
                    guard let head else { continue }
                    for (axis, stride) in [(head.source, head.inputStride), (head.target, head.outputStride)] {
                        guard stride == 1, let axis = numbering.axis(axis, of: node) else { continue }
                        let root = numbering.root(of: axis)
                        guard !isHead[root], !places.contains(root) else { continue }
                        isHead[root] = true
                        isChanged = true
                    }
                }
            }
        }
    }

    /// What is known of heads around a node.
    subscript(node: NodeID) -> HeadAxes? { axes[node].map { HeadAxes(axes: $0, channels: channels) } }

    /// The nodes that multiply what is computed from the model's inputs with something else that is.
    private static func products(in graph: Graph) -> Set<NodeID> {
        var isStored = [Bool](repeating: false, count: Int(graph.nextValue))
        for value in graph.constants.keys { isStored[Int(value.rawValue)] = true }
        var found: Set<NodeID> = []
        for node in graph.nodes.values {
            let computed = node.inputs.count { $0.map { !isStored[Int($0.rawValue)] } ?? false }
            if computed == 0 {
                for output in node.outputs.compactMap(\.self) { isStored[Int(output.rawValue)] = true }
            } else if computed > 1, Self.products.contains(node.operatorName) {
                found.insert(node.id)
            }
        }
        return found
    }

    /// The axes of the result that correspond to axes of every operand.
    private static func commonAxes(_ links: [AxisLink], of node: Node) -> [SlotAxis] {
        var classes: [Set<SlotAxis>] = []
        for link in links {
            var joined: Set = [link.source, link.target]
            classes.removeAll { other in
                guard !other.isDisjoint(with: joined) else { return false }
                joined.formUnion(other)
                return true
            }
            classes.append(joined)
        }
        return classes.flatMap { axes -> [SlotAxis] in
            let runsThroughAll = node.inputs.indices.allSatisfy { input in axes.contains { $0.slot == .input(input) } }
            return runsThroughAll ? axes.filter { $0.slot == .output(0) } : []
        }
    }
}

/// The axes of all values, numbered, and joined where they correspond.
private struct AxisNumbering {
    /// By value: the number of its axis 0; as last entry, the number of axes.
    private var firstAxis: [Int]
    private var sets: DisjointSets

    init(_ graph: Graph, _ types: ShapeInference) {
        firstAxis = [0]
        for raw in 0..<graph.nextValue {
            firstAxis.append(firstAxis[Int(raw)] + (types[ValueID(rawValue: raw)]?.shape.rank ?? 0))
        }
        sets = DisjointSets(count: firstAxis[Int(graph.nextValue)])
    }

    var count: Int { firstAxis[firstAxis.count - 1] }

    func axes(of value: ValueID) -> Range<Int> { firstAxis[Int(value.rawValue)]..<firstAxis[Int(value.rawValue) + 1] }

    func axis(_ slotAxis: SlotAxis, of node: Node) -> Int? {
        let (values, index) =
            switch slotAxis.slot {
            case .input(let index): (node.inputs, index)
            case .output(let index): (node.outputs, index)
            }
        guard index < values.count, let value = values[index], slotAxis.axis < axes(of: value).count else { return nil }
        return axes(of: value).lowerBound + slotAxis.axis
    }

    mutating func unite(_ link: AxisLink, of node: Node) {
        guard let source = axis(link.source, of: node), let target = axis(link.target, of: node) else { return }
        sets.unite(source, target)
    }

    mutating func root(of axis: Int) -> Int { sets.root(of: axis) }
}
