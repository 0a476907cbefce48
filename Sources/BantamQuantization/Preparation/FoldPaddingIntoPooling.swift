public import BantamGraph
import BantamLayerwise

/// Lets a max-pooling do the padding in front of it.
///
/// ```
/// Given:  p = Pad(x, pads, lowest float);  y = MaxPool(p)
/// Result: y = MaxPool(x), with pads
/// ```
///
/// The padding of a `MaxPool` never wins, and neither does a number that no activation reaches. Where frameworks write
/// it out, it is a number all the same: in the range of `p` it would leave a single integer for all the others.
///
/// Conditions: `Pad` fills spatial axes with a constant that is no activation (``FillValues``), nothing is cut off, and
/// each window reaches beyond the padding. The pooling rounds down and does not return places.
public struct FoldPaddingIntoPooling: GraphPass {
    public static let name = "FoldPaddingIntoPooling"

    public init() {}

    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var changes = 0
        let types = try ShapeInference(of: graph)
        for padding in Array(graph.nodes.values) where padding.domain.isEmpty && padding.operatorName == "Pad" {
            guard let amounts = Padding(padding, types), let padded = padding.mainOutput else { continue }
            for id in graph.consumers(of: padded) {
                guard let pads = amounts.pads(joinedWith: types.context(of: graph[id])) else { continue }
                graph.setInput(0, of: id, to: padding.inputs[0])
                graph.updateNode(id) {
                    $0.attributes["pads"] = .ints(pads)
                    $0.attributes["auto_pad"] = nil
                }
                changes += 1
            }
            if graph.consumers(of: padded).isEmpty, !graph.isOutput(padded) { graph.removeNodes([padding.id]) }
        }
        graph.removeUnusedConstants()
        return PassResult(changes: changes)
    }

    /// What a `Pad` adds before and after each spatial axis.
    private struct Padding {
        private let before, after: [Int]

        init?(_ node: Node, _ types: ShapeInference) {
            let context = types.context(of: node)
            guard let input = node.inputs[0], let rank = types[input]?.shape.rank, rank > 2,
                context.string("mode", default: "constant") == "constant", context.hasInput(2),
                let fill = context.constant(2)?.doubles()?.first, fill < 0, FillValues.isFill(fill),
                let amounts = context.constant(1)?.integers
            else { return nil }
            var axes = Array(0..<rank)
            if context.hasInput(3) {
                guard let given = context.constant(3), let listed = given.integers else { return nil }
                axes = listed.map { $0 < 0 ? $0 + rank : $0 }
            }
            guard amounts.count == 2 * axes.count, amounts.allSatisfy({ $0 >= 0 }) else { return nil }
            var (before, after) = ([Int](repeating: 0, count: rank), [Int](repeating: 0, count: rank))
            for (index, axis) in axes.enumerated() {
                (before[axis], after[axis]) = (amounts[index], amounts[index + axes.count])
            }
            guard (before.prefix(2) + after.prefix(2)).allSatisfy({ $0 == 0 }) else { return nil }
            (self.before, self.after) = (Array(before.dropFirst(2)), Array(after.dropFirst(2)))
        }

        /// The padding of a pooling that does this one too; `nil` where it cannot.
        func pads(joinedWith pooling: NodeContext) -> [Int]? {
            let node = pooling.node
            guard node.domain.isEmpty, node.operatorName == "MaxPool", node.outputs.count == 1,
                pooling.int("ceil_mode", default: 0) == 0,
                ["NOTSET", "VALID"].contains(pooling.string("auto_pad", default: "NOTSET")),
                case .ints(let kernel)? = node.attributes["kernel_shape"], kernel.count == before.count
            else { return nil }
            func numbers(_ name: String, _ usual: Int, _ count: Int) -> [Int] {
                if case .ints(let numbers)? = node.attributes[name] { return numbers }
                return [Int](repeating: usual, count: count)
            }
            let own = numbers("pads", 0, 2 * kernel.count)
            let dilations = numbers("dilations", 1, kernel.count)
            guard own.count == 2 * kernel.count, dilations.count == kernel.count else { return nil }
            let pads = zip(own, before + after).map(+)
            // Runtimes refuse padding as wide as the kernel.
            let fits = kernel.indices.allSatisfy { axis in
                max(pads[axis], pads[axis + kernel.count]) < min(kernel[axis], dilations[axis] * (kernel[axis] - 1) + 1)
            }
            return fits ? pads : nil
        }
    }
}
