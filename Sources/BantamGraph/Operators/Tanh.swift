/// `y = tanh(x)`, elementwise.
struct Tanh: UnaryActivation {
    static let name = "Tanh"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.output(0)] }
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering { [ATenCall("aten::tanh", .input(0))] }
}
