/// The bits that the operand lacks, elementwise.
struct BitwiseNot: UnaryArithmetic {
    static let name = "BitwiseNot"
    static let function = "aten::bitwise_not"
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try integerDType(of: node)] }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let dtype = node.inputDType(0)
        guard [.uint16, .uint32, .uint64].contains(dtype) else { return [ATenCall(function, .input(0))] }
        // ATen has no kernels for these.
        var calls = CallSequence()
        let number = calls.append("aten::to", "dtype", .input(0), .dtype(.int64))
        calls.append("aten::to", "dtype", calls.append(function, "", number), .dtype(dtype))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [OperatorExample([.data(TensorData([4], [0, -1, 5, 1 << 20] as [Int32]))])]
    }
}
