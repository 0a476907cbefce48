/// The logarithm of the sum along axes: `log ∑ x`.
struct ReduceLogSum: Reduction {
    static let name = "ReduceLogSum"
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        calls.append("aten::log", "", calls.sum(.input(0), axes: axes, keepingAxes: keepingAxes, of: node))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([.random([2, 3, 4], in: 0.1...2), .ints([1])]),
            OperatorExample(
                [.random([1, 2, 3, 2, 2], in: 0.1...2), .ints([2, 3, 4])], attributes: ["keepdims": .int(0)]),
        ]
    }
}
