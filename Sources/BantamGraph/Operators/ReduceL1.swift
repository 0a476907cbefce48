/// The sum of magnitudes along axes: `∑ |x|`.
struct ReduceL1: Reduction {
    static let name = "ReduceL1"
    static let ignoresZeros = true

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        calls.sum(calls.append("aten::abs", "", .input(0)), axes: axes, keepingAxes: keepingAxes, of: node)
        return calls.lowering
    }
}
