/// Matrix product with NumPy's rules: `[..., M, K] x [..., K, N]` gives `[..., M, N]`.
struct MatMul: Operator {
    static let name = "MatMul"
    static let inputs: [InputSlot] = [.operand("A"), .operand("B")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAny([0, 1]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [try MatrixProduct(of: node).output] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try sharedDType(of: node, slots: 0...1)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { MatrixProduct.channelFlow(of: node) }

    /// A constant operand is a weight: on the right with a scale for each column, on the left for each row.
    static func quantization(of node: NodeContext) -> QuantizationRole {
        let (left, right) = (node.inputShape(0), node.inputShape(1))
        return .integer(inputs: [
            node.constant(0) != nil && left.rank >= 2 ? .weight(channelAxis: left.rank - 2) : .activation,
            node.constant(1) != nil && right.rank >= 2 ? .weight(channelAxis: right.rank - 1) : .activation,
        ])
    }

    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        MatrixProduct.reductionAxis(ofWeight: slot, of: node)
    }

    static func cost(of node: NodeContext) -> Cost { MatrixProduct.cost(of: node) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::matmul", .input(0), .input(1))]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4], .weight([4, 5])]),
            // Attention: two computed operands, a batch of heads.
            OperatorExample([[2, 3, 4, 5], [2, 3, 5, 4]]),
            // Batches that broadcast.
            OperatorExample([[3, 1, 2, 4], [5, 4, 3]]),
            // A vector on either side.
            OperatorExample([[4], .weight([2, 4, 3])]),
            OperatorExample([[2, 3, 4], .weight([4])]),
        ]
    }
}
