/// The logarithm of the sum of exponentials along axes: `log ∑ eˣ`, without overflow.
struct ReduceLogSumExp: Reduction {
    static let name = "ReduceLogSumExp"
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        [ATenCall("aten::logsumexp", .input(0), .ints(axes), .bool(keepingAxes))]
    }
}
