/// `y = x` where `x >= 0`, else `alpha * (exp(x) - 1)`, elementwise. Clevert et al., ICLR 2016.
struct Elu: UnaryActivation {
    static let name = "Elu"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::elu", .input(0), setting("alpha", of: node, default: 1))]
    }

    static var examples: [OperatorExample] {
        [OperatorExample([[2, 3, 4, 5]]), OperatorExample([[2, 3, 2, 4, 5]], attributes: ["alpha": .float(0.5)])]
    }
}
