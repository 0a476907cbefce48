/// `y = 1 / (1 + exp(-x))`, elementwise.
struct Sigmoid: UnaryActivation {
    static let name = "Sigmoid"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.output(0)] }
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering { [ATenCall("aten::sigmoid", .input(0))] }
}
