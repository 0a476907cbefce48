/// Converts the elements of the first input to the type of the second. See ``Cast``.
struct CastLike: Operator {
    static let name = "CastLike"
    static let inputs: [InputSlot] = [.activation("input"), .setting("target_type")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [node.inputShape(0)] }
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [node.inputDType(1)] }
    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(node) }
    static func cost(of node: NodeContext) -> Cost { .free }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        Cast.conversion(of: node, to: node.inputDType(1))
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        node.constant(0).flatMap { Cast.converted($0, to: node.inputDType(1)) }
    }

    static var examples: [OperatorExample] {
        let numbers = OperatorExample.Input.data(TensorData([4], [-1.7, 0, 0.4, 3.9] as [Float]))
        return [
            OperatorExample([numbers, .constant(TensorData(scalar: Int64(0)))]),
            OperatorExample([[1, 2, 2, 3, 3], .constant(TensorData(scalar: Double(0)))]),
        ]
    }
}
