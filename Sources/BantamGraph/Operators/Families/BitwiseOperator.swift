/// An operator on the bits of two tensors of integers, which broadcast.
protocol BitwiseOperator: BinaryArithmetic {
    /// The ATen function of overload `Tensor`, such as `"aten::bitwise_and"`.
    static var function: String { get }
}

extension BitwiseOperator {
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try integerDType(of: node, slots: 0..<2)]
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall(function, overload: "Tensor", .input(0), .input(1))]
    }

    static var examples: [OperatorExample] {
        let (left, right): ([Int32], [UInt8]) = ([6, -3, 0, 1 << 20], [0b1010, 0b0110, 0xFF, 1])
        return [
            OperatorExample([.data(TensorData([2, 2], left)), .data(TensorData([2], [5, -1] as [Int32]))]),
            OperatorExample([.data(TensorData([4], right)), .data(TensorData([1], [0b0011] as [UInt8]))]),
        ]
    }
}

extension Operator {
    /// The integer type that the filled `slots` have in common.
    ///
    /// - Throws: `dtypeMismatch` when two differ, or the type is another.
    static func integerDType(of node: NodeContext, slots: some Sequence<Int> = [0]) throws(GraphError) -> DType {
        let dtype = try sharedDType(of: node, slots: slots)
        guard !dtype.isFloatingPoint, dtype != .bool, dtype.bitWidth >= 8 else {
            throw node.dtypeMismatch("\(name) takes integers, not \(dtype.rawValue)")
        }
        return dtype
    }
}
