/// The product along axes.
struct ReduceProd: Reduction {
    static let name = "ReduceProd"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        // ATen multiplies along one axis at a time; from the last one on, the others keep their numbers.
        var calls = CallSequence()
        let dtype = node.inputDType(0)
        var product = ATenArgument.input(0)
        for axis in axes.sorted(by: >) {
            product = calls.append("aten::prod", "dim_int", product, .int(axis), .bool(keepingAxes), .dtype(dtype))
        }
        return calls.lowering
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        ElementwiseEvaluation.reduce(
            node, axes: try axes(of: node), into: try shapes(of: node)[0],
            integers: { ElementwiseEvaluation.exact($0.multipliedReportingOverflow(by: $1)) }, floats: *)
    }
}
