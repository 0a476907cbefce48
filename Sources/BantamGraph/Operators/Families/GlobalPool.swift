/// An operator that reduces all spatial axes of `[N, C, ...]` to size 1.
protocol GlobalPool: Operator {}

extension GlobalPool {
    static var inputs: [InputSlot] { [.activation("X")] }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        guard input.rank >= 3 else { throw node.mismatch("an input of shape \(input) has no spatial axes") }
        return [Shape(input.dimensions.prefix(2) + Array(repeating: 1, count: input.rank - 2))]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(axes: 0...1) }

    /// Every input element is read once.
    static func cost(of node: NodeContext) -> Cost { Cost(elementwise: node.inputShape(0).elementCount) }

    static var examples: [OperatorExample] {
        [OperatorExample([[2, 3, 4, 5]]), OperatorExample([[2, 3, 2, 4, 5]]), OperatorExample([[2, 3, 6]])]
    }
}
