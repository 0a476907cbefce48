/// The sum along axes.
struct ReduceSum: Reduction {
    static let name = "ReduceSum"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        // Without a type, sums of small integers would come out in int64.
        let dtype = node.inputDType(0)
        return [
            ATenCall(
                "aten::sum", overload: "dim_IntList", .input(0), .ints(axes), .bool(keepingAxes), .dtype(dtype))
        ]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        ElementwiseEvaluation.reduce(
            node, axes: try axes(of: node), into: try shapes(of: node)[0],
            integers: { ElementwiseEvaluation.exact($0.addingReportingOverflow($1)) }, floats: +)
    }
}
