/// Gives pools that round the number of their windows up the padding with which rounding down leads to the same.
///
/// ```
/// Given:  y = MaxPool(x[1, 1, 7, 7]) kernel_shape=[2, 2] strides=[2, 2] pads=[1, 1, 1, 1] ceil_mode=1
/// Result: y = MaxPool(x[1, 1, 7, 7]) kernel_shape=[2, 2] strides=[2, 2] pads=[1, 1, 0, 0]
/// ```
///
/// ONNX leaves out windows that would start in the padding at the end; OpenVINO counts those of a `MaxPool`. Windows that
/// reach beyond the padding it computes wrongly for `LpPool` and for an `AveragePool` that is dilated and counts
/// padding. For none of these does padding differ from what lies beyond it.
///
/// Conditions: the spatial sizes are fixed, and the pool is one of these. Others stay, `ceil_mode` or not.
public struct RoundPoolsDown: GraphPass {
    public static let name = "RoundPoolsDown"

    public init() {}

    /// - Complexity: O(nodes); with such a pool in the graph, that of two shape inferences.
    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var result = PassResult()
        let pools = graph.nodes.values.filter { Self.isCandidate($0) }
        guard !pools.isEmpty else { return result }
        let sizes = try FreeDimensions(of: graph)
        for node in pools {
            guard let input = node.inputs.first ?? nil, let extents = sizes.sizes(of: input) else { continue }
            guard extents.dropFirst(2).allSatisfy({ if case .fixed = $0 { true } else { false } }) else {
                result.skip(node, because: "how often its window fits depends on a size that is free")
                continue
            }
            let context = sizes.first.context(of: node)
            let kernel = context.ints("kernel_shape") ?? []
            let window = try SlidingWindow(
                of: context, over: Array(context.inputShape(0).dimensions[2...]), kernel: kernel)
            guard Self.isComputedOtherwise(node, window) else { continue }
            graph.updateNode(node.id) {
                $0.attributes["pads"] = .ints(window.padsBegin + window.padsEndForRoundingDown)
                $0.attributes["ceil_mode"] = nil
                $0.attributes["auto_pad"] = nil
            }
            result.changes += 1
        }
        return result
    }

    private static func isCandidate(_ node: Node) -> Bool {
        guard node.domain.isEmpty, node.int("ceil_mode", default: 0) != 0 else { return false }
        switch node.operatorName {
        case "MaxPool", "LpPool": return true
        case "AveragePool":
            guard case .ints(let dilations)? = node.attributes["dilations"] else { return false }
            return node.int("count_include_pad", default: 0) != 0 && dilations.contains { $0 != 1 }
        default: return false
        }
    }

    private static func isComputedOtherwise(_ node: Node, _ window: SlidingWindow) -> Bool {
        window.startsInPadding || node.operatorName != "MaxPool" && window.overhang.contains { $0 > 0 }
    }
}

extension SlidingWindow {
    /// Whether rounding up alone would give windows that start in the padding at the end.
    fileprivate var startsInPadding: Bool {
        input.indices.contains { axis in
            let travel = input[axis] + padsBegin[axis] + padsEnd[axis] - extents[axis]
            return (travel + strides[axis] - 1) / strides[axis] + 1 != output[axis]
        }
    }

    /// The padding at the end with which the last window ends; 0 where it ends before the input does.
    fileprivate var padsEndForRoundingDown: [Int] {
        input.indices.map { axis in
            max(0, (output[axis] - 1) * strides[axis] + extents[axis] - input[axis] - padsBegin[axis])
        }
    }
}
