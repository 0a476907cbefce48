/// Takes each element from `X` where the condition holds and from `Y` elsewhere; all three broadcast.
struct Where: Operator {
    static let name = "Where"
    static let inputs: [InputSlot] = [.activation("condition"), .operand("X"), .operand("Y")]
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([1, 2]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [try node.broadcastShape(of: 0..<3)] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        _ = try booleanDType(of: node)
        return [try sharedDType(of: node, slots: 1..<3)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .broadcast(node) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::where", overload: "self", .input(0), .input(1), .input(2))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        guard let condition = node.constant(0), let first = node.movableConstant(1),
            let second = node.movableConstant(2)
        else { return nil }
        let shape = try shapes(of: node)[0]
        let both = TensorData.joined([first.expanded(to: shape), second.expanded(to: shape)], dtype: first.dtype)
        let positions = condition.expanded(to: shape).elements(of: Bool.self).enumerated().map { index, holds in
            holds ? index : index + shape.elementCount
        }
        return [both.selecting(positions, shape: shape)]
    }

    static var examples: [OperatorExample] {
        let condition = TensorData([3, 1], [true, false, true])
        return [OperatorExample([.data(condition), [2, 3, 4], [4]])]
    }
}
