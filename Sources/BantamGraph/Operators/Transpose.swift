/// Reorders the axes: axis `i` of the result is axis `perm[i]` of the input. By default the order is reversed.
struct Transpose: Movement {
    static let name = "Transpose"
    static let unpacksWeights = true
    static let inputs: [InputSlot] = [.activation("data")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let order = order(of: node)
        guard order.sorted() == Array(0..<input.rank) else {
            throw node.mismatch("perm \(order) is no order of the axes of \(input)")
        }
        return [Shape(order.map { input[$0] })]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .links(order(of: node).enumerated().map { AxisLink(.input(0, axis: $1), .output(0, axis: $0)) })
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::permute", .input(0), .ints(order(of: node)))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        node.movableConstant(0).map { [$0.permuted(by: order(of: node))] }
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5]], attributes: ["perm": .ints([0, 2, 3, 1])]),
            OperatorExample([[1, 2, 3, 4, 5]], attributes: ["perm": .ints([0, 2, 1, 3, 4])]),
            OperatorExample([[2, 3]]),
        ]
    }

    private static func order(of node: NodeContext) -> [Int] {
        node.ints("perm") ?? Array((0..<node.inputShape(0).rank).reversed())
    }
}
