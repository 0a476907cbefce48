/// `y = log(1 + exp(x))`, elementwise.
struct Softplus: UnaryActivation {
    static let name = "Softplus"
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::softplus", .input(0))]
    }
}
