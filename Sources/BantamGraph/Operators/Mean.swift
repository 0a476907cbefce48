/// The mean of any number of tensors, elementwise, with broadcasting.
struct Mean: VariadicArithmetic {
    static let name = "Mean"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        .whereAll(Array(node.node.inputs.indices))
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func joining(_ left: ATenArgument, _ right: ATenArgument) -> ATenCall {
        ATenCall("aten::add", overload: "Tensor", left, right)
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node, slots: 0..<node.inputCount)]
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let calls = joinedInputs(of: node)
        guard !calls.isEmpty else { return .alias(.input(0)) }
        let mean = ATenCall(
            "aten::div", overload: "Scalar", .result(calls.count - 1), .double(Double(node.inputCount)))
        return Lowering(calls + [mean])
    }
}
