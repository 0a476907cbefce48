/// `y = max(x, 0)`, elementwise.
struct Relu: Operator {
    static let name = "Relu"
    static let inputs: [InputSlot] = [.activation("X")]
    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [node.inputShape(0)] }
    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(node) }
    static func quantization(of node: NodeContext) -> QuantizationRole { .integer(inputs: [.activation]) }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.output(0)] }
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering { [ATenCall("aten::relu", .input(0))] }
    static var examples: [OperatorExample] { [OperatorExample([[2, 3, 4, 5]]), OperatorExample([[2, 3, 2, 4, 5]])] }
}
