/// The sum of squares along axes: `∑ x²`.
struct ReduceSumSquare: Reduction {
    static let name = "ReduceSumSquare"
    static let ignoresZeros = true
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        let squares = calls.append("aten::mul", "Tensor", .input(0), .input(0))
        calls.sum(squares, axes: axes, keepingAxes: keepingAxes, of: node)
        return calls.lowering
    }
}
