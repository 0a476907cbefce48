/// Divides by the norm along one axis, `p = 2` or 1; where the norm is 0 the elements stay 0.
struct LpNormalization: Operator {
    static let name = "LpNormalization"
    static let inputs: [InputSlot] = [.activation("input")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        _ = try node.axis(default: -1)
        let order = node.int("p", default: 2)
        guard (1...2).contains(order) else { throw node.mismatch("p is \(order); it must be 1 or 2") }
        return [node.inputShape(0)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let axis = node.checkedAxis(default: -1)
        return .sameAxes(node) { $0 != axis }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .output(0)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axis = node.checkedAxis(default: -1)
        var calls = CallSequence()
        let norm = calls.append(
            "aten::linalg_vector_norm", "", .input(0), .int(node.int("p", default: 2)), .ints([axis]), .bool(true))
        let isZero = calls.append("aten::eq", "Scalar", norm, .int(0))
        let divisor = calls.append("aten::masked_fill", "Scalar", norm, isZero, .int(1))
        calls.append("aten::div", "Tensor", .input(0), divisor)
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let withZeros = OperatorExample.Input.data(TensorData([2, 2], [0, 0, 3, 4] as [Float]))
        return [
            OperatorExample([[2, 3, 4, 5]], attributes: ["axis": .int(1)]),
            OperatorExample([[1, 2, 3, 2, 2]], attributes: ["p": .int(1), "axis": .int(2)]),
            OperatorExample([withZeros]),
        ]
    }
}
