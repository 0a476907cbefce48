/// The `K` largest elements along one axis, or smallest with `largest = 0`, and their indices.
///
/// Which of several equal elements are chosen is left open.
struct TopK: Operator {
    static let name = "TopK"
    static let inputs: [InputSlot] = [.activation("X"), .setting("K")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let axis = try node.axis(default: -1)
        var shape = node.inputShape(0)
        let counts = try node.constantInts(1, called: "K")
        guard counts.count == 1, let count = counts.first, (0...shape[axis]).contains(count) else {
            throw node.mismatch("K = \(counts) of \(shape[axis]) elements along axis \(axis)")
        }
        shape[axis] = count
        return [shape, shape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [node.inputDType(0), .int64] }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let axis = node.checkedAxis(default: -1)
        return .sameAxes(node) { $0 != axis }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] {
        node.node.outputs.count > 1 ? [.output(1)] : []
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axis = node.checkedAxis(default: -1)
        let isLargest = node.int("largest", default: 1) != 0
        let isSorted = node.int("sorted", default: 1) != 0
        return [
            ATenCall(
                "aten::topk", .input(0), .int(node.outputShape(0)[axis]), .int(axis), .bool(isLargest),
                .bool(isSorted))
        ]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 6], .ints([3])], outputCount: 2),
            OperatorExample(
                [[2, 5, 3, 2], .ints([2])], attributes: ["axis": .int(1), "largest": .int(0)], outputCount: 2),
        ]
    }
}
