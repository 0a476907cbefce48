/// `y = -x`, elementwise.
struct Neg: UnaryArithmetic {
    static let name = "Neg"
    static let function = "aten::neg"
    static let acceptsIntegers = true
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        ElementwiseEvaluation.unary(
            node, integers: { ElementwiseEvaluation.exact(Int64(0).subtractingReportingOverflow($0)) }, floats: { -$0 })
    }
}
