/// Takes single elements: the index at each place of the output says which entry along `axis` stands there.
struct GatherElements: Movement {
    static let name = "GatherElements"
    static let inputs: [InputSlot] = [.operand("data"), .activation("indices")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let axis = try node.axis(default: 0)
        let (data, indices) = (node.inputShape(0), node.inputShape(1))
        guard indices.rank == data.rank,
            data.dimensions.indices.allSatisfy({ $0 == axis || indices[$0] <= data[$0] })
        else { throw node.mismatch("indices of shape \(indices) do not address data of shape \(data)") }
        return [indices]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        try node.checkIndices(1)
        return [node.inputDType(0)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let axis = node.checkedAxis(default: 0)
        let (data, indices) = (node.inputShape(0), node.inputShape(1))
        return .links(
            data.dimensions.indices.filter { $0 != axis && data[$0] == indices[$0] }.flatMap {
                [
                    AxisLink(.input(0, axis: $0), .output(0, axis: $0)),
                    AxisLink(.input(1, axis: $0), .output(0, axis: $0)),
                ]
            })
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axis = node.checkedAxis(default: 0)
        var calls = CallSequence()
        let indices = calls.indices(1, size: node.inputShape(0)[axis])
        calls.append("aten::gather", "", .input(0), .int(axis), indices)
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let (first, second): ([Int64], [Int32]) = ([0, 2, -1, 1, 1, 0], [1, -1, 0, 0, 1, 1])
        return [
            OperatorExample([[3, 4], .data(TensorData([2, 3], first))]),
            OperatorExample([[3, 2, 1, 2], .data(TensorData([3, 1, 1, 2], second))], attributes: ["axis": .int(1)]),
        ]
    }
}
