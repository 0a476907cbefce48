/// The Euclidean norm along axes: `√(∑ x²)`.
struct ReduceL2: Reduction {
    static let name = "ReduceL2"
    static let ignoresZeros = true

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node)]
    }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        [ATenCall("aten::linalg_vector_norm", .input(0), .int(2), .ints(axes), .bool(keepingAxes))]
    }
}
