/// -1, 0 or 1 by the sign of `x`, elementwise. Its gradient is zero.
struct Sign: UnaryArithmetic {
    static let name = "Sign"
    static let function = "aten::sign"
    static let acceptsIntegers = true
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        ElementwiseEvaluation.unary(
            node, integers: { $0.signum() }, floats: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0.isNaN ? .nan : 0 })
    }
}
