/// The largest whole number that is not above `x`, elementwise. Its gradient is zero.
struct Floor: UnaryArithmetic {
    static let name = "Floor"
    static let function = "aten::floor"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        ElementwiseEvaluation.unary(node, floats: { $0.rounded(.down) })
    }
}
