/// The sum of any number of tensors, elementwise, with broadcasting.
struct Sum: VariadicArithmetic {
    static let name = "Sum"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        .whereAll(Array(node.node.inputs.indices))
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func joining(_ left: ATenArgument, _ right: ATenArgument) -> ATenCall {
        ATenCall("aten::add", overload: "Tensor", left, right)
    }
}
