/// Moves the bits of unsigned integers by as many places as the second operand says, elementwise, with broadcasting.
struct BitShift: BinaryArithmetic {
    static let name = "BitShift"
    static let inputs: [InputSlot] = [.operand("X"), .operand("Y")]
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        let direction = node.string("direction", default: "")
        guard ["LEFT", "RIGHT"].contains(direction) else {
            throw node.mismatch("direction is \"\(direction)\"; it must be LEFT or RIGHT")
        }
        return [try integerDType(of: node, slots: 0..<2)]
    }

    /// In int64, as ATen has no shifts of wider unsigned integers.
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        let operands = (0..<2).map { calls.append("aten::to", "dtype", .input($0), .dtype(.int64)) }
        let isLeft = node.string("direction", default: "") == "LEFT"
        let function = isLeft ? "aten::bitwise_left_shift" : "aten::bitwise_right_shift"
        var shifted = calls.append(function, "Tensor", operands[0], operands[1])
        if !isLeft, node.inputDType(0) == .uint64 {
            // A shift of int64 repeats the sign; what it brought in goes: ~(-1 << (63 - places) << 1) is what stays.
            let rest = calls.append("aten::rsub", "Scalar", operands[1], .int(63))
            let ones = calls.append("aten::full_like", "", operands[0], .int(-1))
            let moved = calls.append("aten::bitwise_left_shift", "Tensor", ones, rest)
            let added = calls.append("aten::bitwise_left_shift", "Tensor_Scalar", moved, .int(1))
            let kept = calls.append("aten::bitwise_not", "", added)
            shifted = calls.append("aten::bitwise_and", "Tensor", shifted, kept)
        }
        calls.append("aten::to", "dtype", shifted, .dtype(node.inputDType(0)))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let numbers = OperatorExample.Input.data(TensorData([2, 2], [16, 4, 1, 200] as [UInt8]))
        let places = OperatorExample.Input.data(TensorData([2], [1, 2] as [UInt8]))
        return ["LEFT", "RIGHT"].map { OperatorExample([numbers, places], attributes: ["direction": .string($0)]) }
    }
}
