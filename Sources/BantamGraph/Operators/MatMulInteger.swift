/// Matrix product of 8-bit integers, each less its zero point, into int32: `[..., M, K] x [..., K, N]`.
struct MatMulInteger: Operator {
    static let name = "MatMulInteger"
    static let inputs: [InputSlot] = [
        .activation("A"), .weight("B"), .optional(.setting("a_zero_point")), .optional(.setting("b_zero_point")),
    ]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let product = try MatrixProduct(of: node)
        let rows = product.left.rank >= 2 ? product.left[product.left.rank - 2] : 1
        let columns = product.right.rank >= 2 ? product.right[product.right.rank - 1] : 1
        for (slot, count) in [(2, rows), (3, columns)] where node.hasInput(slot) {
            let shape = node.inputShape(slot)
            guard shape.elementCount == 1 || shape == [count] else {
                throw node.mismatch("\(inputs[slot].name) has shape \(shape); it must be one number or [\(count)]")
            }
        }
        return [product.output]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        try IntegerOperand.checkDTypes(of: node, as: self)
        return [.int32]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        func isList(_ slot: Int) -> Bool { node.hasInput(slot) && node.inputShape(slot).elementCount != 1 }
        return MatrixProduct.channelFlow(of: node, perRow: isList(2) ? [2] : [], perColumn: isList(3) ? [3] : [])
    }

    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        MatrixProduct.reductionAxis(ofWeight: slot, of: node)
    }

    static func cost(of node: NodeContext) -> Cost { MatrixProduct.cost(of: node) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        let left = IntegerOperand(slot: 0, zeroPoint: 2, zeroPointShape: [-1, 1]).lower(node, in: &calls)
        let right = IntegerOperand(slot: 1, zeroPoint: 3, zeroPointShape: [-1]).lower(node, in: &calls)
        calls.append("aten::to", "dtype", calls.append("aten::matmul", "", left, right), .dtype(.int32))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let rows = TensorData([2, 3, 4], (0..<24).map { UInt8(truncatingIfNeeded: $0 &* 41) })
        let weight = TensorData([4, 5], (0..<20).map { Int8(truncatingIfNeeded: $0 &* 53) })
        return [
            OperatorExample([.data(rows), .constant(weight)]),
            OperatorExample([
                .data(rows), .constant(weight), .constant(TensorData(scalar: UInt8(128))),
                .constant(TensorData([5], [0, 1, -2, 3, -4] as [Int8])),
            ]),
        ]
    }
}
