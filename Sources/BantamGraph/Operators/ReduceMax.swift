/// The largest element along axes; of none, the smallest number of the type, or infinity.
struct ReduceMax: Reduction {
    static let name = "ReduceMax"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        if let limit = node.inputDType(0).extremes?.lowest, axes.contains(where: { node.inputShape(0)[$0] == 0 }) {
            return [ATenCall("aten::full", .ints(node.outputShape(0).dimensions), limit, .dtype(node.inputDType(0)))]
        }
        return [ATenCall("aten::amax", .input(0), .ints(axes), .bool(keepingAxes))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        ElementwiseEvaluation.reduce(
            node, axes: try axes(of: node), into: try shapes(of: node)[0],
            integers: { max($0, $1) }, floats: { $0.isNaN || $0 > $1 ? $0 : $1 })
    }
}
