/// The smallest whole number that is not below `x`, elementwise. Its gradient is zero.
struct Ceil: UnaryArithmetic {
    static let name = "Ceil"
    static let function = "aten::ceil"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        ElementwiseEvaluation.unary(node, floats: { $0.rounded(.up) })
    }
}
