/// Its output is its input.
struct Identity: Movement {
    static let name = "Identity"
    static let unpacksWeights = true
    static let inputs: [InputSlot] = [.activation("input")]
    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [node.inputShape(0)] }
    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(node) }
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering { .alias(.input(0)) }
    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? { node.constant(0).map { [$0] } }
    static var examples: [OperatorExample] { [OperatorExample([[2, 3, 4]])] }
}
