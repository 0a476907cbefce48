/// The data with single elements replaced, or joined with others by `reduction`: the index at each place of the updates
/// says at which entry along `axis` it goes.
struct ScatterElements: Operator {
    static let name = "ScatterElements"
    static let inputs: [InputSlot] = [.operand("data"), .activation("indices"), .operand("updates")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0, 2]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let axis = try node.axis(default: 0)
        let (data, indices) = (node.inputShape(0), node.inputShape(1))
        guard indices.rank == data.rank, indices == node.inputShape(2),
            data.dimensions.indices.allSatisfy({ $0 == axis || indices[$0] <= data[$0] })
        else {
            throw node.mismatch(
                "indices of shape \(indices) do not place updates of shape \(node.inputShape(2)) in data of shape "
                    + "\(data)")
        }
        return [data]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        try node.checkIndices(1)
        return [try sharedDType(of: node, slots: [0, 2])]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let axis = node.checkedAxis(default: 0)
        let (data, indices) = (node.inputShape(0), node.inputShape(1))
        return .links(
            data.dimensions.indices.filter { $0 != axis && data[$0] == indices[$0] }.flatMap { axis in
                (0...2).map { AxisLink(.input($0, axis: axis), .output(0, axis: axis)) }
            })
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axis = node.checkedAxis(default: 0)
        var calls = CallSequence()
        let indices = calls.indices(1, size: node.inputShape(0)[axis])
        try ScatterReduction(of: node)
            .scatter(.input(2), onto: .input(0), axis: axis, indices: indices, in: &calls)
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let (first, second): ([Int64], [Int64]) = ([1, 0, 2, 0, -1, 1], [1, 3, 1, -1])
        return [
            OperatorExample([[3, 3], .data(TensorData([2, 3], first)), [2, 3]]),
            OperatorExample(
                [[1, 5, 1, 2], .data(TensorData([1, 2, 1, 2], second)), [1, 2, 1, 2]],
                attributes: ["axis": .int(1), "reduction": .string("add")]),
        ]
    }
}
