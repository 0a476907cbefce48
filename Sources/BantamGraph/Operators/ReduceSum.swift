/// The sum along axes.
struct ReduceSum: Reduction {
    static let name = "ReduceSum"
    static let ignoresZeros = true
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        calls.sum(.input(0), axes: axes, keepingAxes: keepingAxes, of: node)
        return calls.lowering
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        ElementwiseEvaluation.reduce(
            node, axes: try axes(of: node), into: try shapes(of: node)[0],
            integers: { ElementwiseEvaluation.exact($0.addingReportingOverflow($1)) }, floats: +)
    }
}
