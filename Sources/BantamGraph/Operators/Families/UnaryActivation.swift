/// An elementwise function of one floating-point input: what remains to be said is how it is computed.
protocol UnaryActivation: Operator {}

extension UnaryActivation {
    static var inputs: [InputSlot] { [.activation("X")] }
    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [node.inputShape(0)] }
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }
    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(node) }
    static var examples: [OperatorExample] { [OperatorExample([[2, 3, 4, 5]]), OperatorExample([[2, 3, 2, 4, 5]])] }

    /// A float attribute as an argument.
    static func setting(_ name: String, of node: NodeContext, default value: Float) -> ATenArgument {
        .double(Double(node.float(name, default: value)))
    }
}
