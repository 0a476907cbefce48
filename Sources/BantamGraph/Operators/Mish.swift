/// `y = x * tanh(softplus(x))`, elementwise. Misra, *Mish*, BMVC 2020.
struct Mish: UnaryActivation {
    static let name = "Mish"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering { [ATenCall("aten::mish", .input(0))] }
}
