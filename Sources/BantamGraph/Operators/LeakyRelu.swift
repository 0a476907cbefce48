/// `y = x` where `x >= 0`, else `alpha * x`, elementwise.
struct LeakyRelu: UnaryActivation {
    static let name = "LeakyRelu"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::leaky_relu", .input(0), setting("alpha", of: node, default: 0.01))]
    }

    static var examples: [OperatorExample] {
        [OperatorExample([[2, 3, 4, 5]]), OperatorExample([[2, 3, 2, 4, 5]], attributes: ["alpha": .float(0.3)])]
    }
}
