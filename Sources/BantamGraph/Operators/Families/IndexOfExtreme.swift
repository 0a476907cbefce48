/// The index of an element along one axis, that of the largest or the smallest; the first of equals, or the last with
/// `select_last_index`.
protocol IndexOfExtreme: Operator {
    /// The ATen function, such as `"aten::argmax"`.
    static var function: String { get }
}

extension IndexOfExtreme {
    static var inputs: [InputSlot] { [.activation("data")] }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let axis = try node.axis(default: 0)
        var shape = node.inputShape(0)
        guard shape[axis] > 0 else { throw node.mismatch("axis \(axis) of \(shape) has no elements to choose from") }
        if keepsAxes(node) { shape[axis] = 1 } else { shape.dimensions.remove(at: axis) }
        return [shape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [.int64] }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .reduced(node, axes: [node.checkedAxis(default: 0)], keepingAxes: keepsAxes(node))
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axis = node.checkedAxis(default: 0)
        var calls = CallSequence()
        guard node.int("select_last_index", default: 0) != 0 else {
            calls.append(function, "", .input(0), .int(axis), .bool(keepsAxes(node)))
            return calls.lowering
        }
        let flipped = calls.append("aten::flip", "", .input(0), .ints([axis]))
        let fromEnd = calls.append(function, "", flipped, .int(axis), .bool(keepsAxes(node)))
        calls.append("aten::rsub", "Scalar", fromEnd, .int(node.inputShape(0)[axis] - 1))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let ties = OperatorExample.Input.data(TensorData([2, 4], [1, 3, 3, 0, 2, 2, 1, 2] as [Float]))
        return [
            OperatorExample([[2, 3, 4, 5]], attributes: ["axis": .int(1)]),
            OperatorExample([ties], attributes: ["axis": .int(-1), "keepdims": .int(0)]),
            OperatorExample([ties], attributes: ["axis": .int(1), "select_last_index": .int(1)]),
        ]
    }

    private static func keepsAxes(_ node: NodeContext) -> Bool { node.int("keepdims", default: 1) != 0 }
}
