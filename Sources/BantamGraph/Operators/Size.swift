/// The number of elements of a tensor, as an int64 scalar.
///
/// It is known whenever the input's shape is, whatever the input holds.
struct Size: KnownResult {
    static let name = "Size"
    static let inputs: [InputSlot] = [.activation("data")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [.scalar] }
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [.int64] }

    /// Each axis is linked to itself: channels may go without further consequences, as the result follows.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .links((0..<node.inputShape(0).rank).map { AxisLink(.input(0, axis: $0), .input(0, axis: $0)) })
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        [TensorData(scalar: Int64(node.inputShape(0).elementCount))]
    }

    static var examples: [OperatorExample] { [OperatorExample([[2, 3, 4, 5]]), OperatorExample([[1, 2, 3, 4, 5]])] }
}
