/// Takes slices: each row of the indices holds the first coordinates of one. Leading `batch_dims` axes are paired.
struct GatherND: Movement {
    static let name = "GatherND"
    static let inputs: [InputSlot] = [.operand("data"), .activation("indices")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let address = try address(of: node)
        return [Shape(address.rows + address.slice)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        try node.checkIndices(1)
        return [node.inputDType(0)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let address = try address(of: node)
            let first = node.inputShape(0).rank - address.slice.count
            let slices = address.slice.indices.map {
                AxisLink(.input(0, axis: first + $0), .output(0, axis: address.rows.count + $0))
            }
            let rows = address.rows.indices.map { AxisLink(.input(1, axis: $0), .output(0, axis: $0)) }
            let batch = (0..<address.batchRank).map { AxisLink(.input(0, axis: $0), .output(0, axis: $0)) }
            return .links(batch + rows + slices)
        } catch {
            return .opaque(error.message)
        }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let address = try address(of: node)
        var calls = CallSequence()
        let list = calls.append("aten::reshape", "", .input(0), .ints(address.listShape))
        let slices = calls.append("aten::index_select", "", list, .int(0), address.positions(in: &calls))
        calls.append("aten::reshape", "", slices, .ints(node.outputShape(0).dimensions))
        return calls.lowering
    }

    private static func address(of node: NodeContext) throws(GraphError) -> SliceAddress {
        try SliceAddress(of: node, batchRank: node.int("batch_dims", default: 0))
    }

    static var examples: [OperatorExample] {
        let (first, second): ([Int64], [Int64]) = ([0, 1, -1, 0], [1, 0, 2, -1])
        return [
            OperatorExample([[3, 4, 5], .data(TensorData([2, 2], first))]),
            OperatorExample(
                [[2, 3, 4, 2], .data(TensorData([2, 2, 1], second))], attributes: ["batch_dims": .int(1)]),
            OperatorExample([[2, 2], .data(TensorData([2, 2], first))]),
        ]
    }
}
