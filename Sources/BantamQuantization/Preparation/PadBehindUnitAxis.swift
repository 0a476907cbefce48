public import BantamGraph

/// Lets what is padded along the second axis be padded along the third, behind one of size 1.
///
/// ```
/// Given:  c = Reshape(x, [-1, T, C, H, W]);     s = Slice(c, axis 1);  p = Pad(s, axis 1);  y = Reshape(p)
/// Result: c = Reshape(x, [-1, 1, T, C, H, W]);  s = Slice(c, axis 2);  p = Pad(s, axis 2);  y = Reshape(p)
/// ```
///
/// A temporal shift is written so. OpenVINO (2026.4) takes the second axis for that of channels: where integers are padded
/// along it, it makes a scale and a zero point for each of its places. Where the `Reshape` then joins it with a batch that is
/// free, it computes something else, or cannot load the file.
///
/// Conditions: shapes, pads and axes are constants, `Reshape` copies no size by a zero, and nobody else reads what lies
/// between.
public struct PadBehindUnitAxis: GraphPass {
    public static let name = "PadBehindUnitAxis"

    public init() {}

    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var changes = 0
        for padding in Array(graph.nodes.values) where padding.domain.isEmpty && padding.operatorName == "Pad" {
            guard let chain = Chain(endingIn: padding, graph) else { continue }
            chain.moveAxis(in: &graph)
            changes += 1
        }
        graph.removeUnusedConstants()
        return PassResult(changes: changes)
    }

    /// A `Reshape`, slices and the `Pad`.
    private struct Chain {
        let reshape: Node
        let slices: [Node]
        let padding: Node
        /// What the `Reshape` makes.
        let sizes: [Int]
        /// Before and after each axis.
        let pads: [Int]

        init?(endingIn padding: Node, _ graph: Graph) {
            guard let padded = padding.mainOutput, !graph.isOutput(padded),
                !padding.filledInputs.contains(where: { $0.slot == 3 }),
                let pads = graph.constant(1, of: padding)?.integers, pads.count >= 6,
                pads.indices.allSatisfy({ pads[$0] == 0 || $0 % (pads.count / 2) == 1 }),
                pads.contains(where: { $0 > 0 }),
                !graph.consumers(of: padded).isEmpty,
                graph.consumers(of: padded).allSatisfy({ Self.sizes(of: graph[$0], graph) != nil })
            else { return nil }
            var slices: [Node] = []
            var node = padding
            while let value = node.inputs[0], let producer = graph.producer(of: value),
                graph.consumers(of: value) == [node.id], !graph.isOutput(value)
            {
                if let sizes = Self.sizes(of: producer, graph) {
                    guard sizes.count == pads.count / 2 else { return nil }
                    self.reshape = producer
                    self.slices = slices
                    self.padding = padding
                    self.sizes = sizes
                    self.pads = pads
                    return
                }
                guard producer.domain.isEmpty, producer.operatorName == "Slice",
                    graph.constant(3, of: producer)?.integers == [1]
                else { return nil }
                slices.append(producer)
                node = producer
            }
            return nil
        }

        /// What a `Reshape` makes, if it copies no size.
        private static func sizes(of node: Node, _ graph: Graph) -> [Int]? {
            guard node.domain.isEmpty, node.operatorName == "Reshape",
                let sizes = graph.constant(1, of: node)?.integers, !sizes.contains(0)
            else { return nil }
            return sizes
        }

        func moveAxis(in graph: inout Graph) {
            func set(_ slot: Int, of node: Node, to numbers: [Int]) {
                let old = node.inputs[slot].map { graph[$0].name } ?? node.name
                let data = TensorData([numbers.count], numbers.map { Int64($0) })
                graph.setInput(slot, of: node.id, to: graph.addConstant(old, data))
            }
            set(1, of: reshape, to: [sizes[0], 1] + sizes.dropFirst())
            for slice in slices { set(3, of: slice, to: [2]) }
            let (before, after) = (pads.prefix(pads.count / 2), pads.suffix(pads.count / 2))
            set(1, of: padding, to: [before, after].flatMap { [$0.first ?? 0, 0] + $0.dropFirst() })
            for node in [reshape, padding] + slices {
                guard let output = node.mainOutput, let type = graph[output].type else { continue }
                var dimensions = type.shape.dimensions
                dimensions.insert(1, at: 1)
                graph.setType(TensorType(type.dtype, Shape(dimensions)), of: output)
            }
        }
    }
}
