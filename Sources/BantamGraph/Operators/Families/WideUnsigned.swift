extension CallSequence {
    /// Computes with unsigned integers of 16 to 64 bits, for most of whose functions ATen has no kernels, in int64.
    ///
    /// Numbers of 64 bits have their highest bit turned over, which keeps their order; so `body` may compare and
    /// select. Other types reach `body` as they are.
    mutating func comparing(
        _ operands: [ATenArgument], dtype: DType, _ body: (inout CallSequence, [ATenArgument]) -> ATenArgument
    ) -> ATenArgument {
        guard [.uint16, .uint32, .uint64].contains(dtype) else { return body(&self, operands) }
        let turn = ATenArgument.int(Int.min)
        let wide = operands.map { operand in
            let number = append("aten::to", "dtype", operand, .dtype(.int64))
            return dtype == .uint64 ? append("aten::bitwise_xor", "Scalar", number, turn) : number
        }
        var result = body(&self, wide)
        if dtype == .uint64 { result = append("aten::bitwise_xor", "Scalar", result, turn) }
        return append("aten::to", "dtype", result, .dtype(dtype))
    }
}

extension VariadicArithmetic {
    /// The lowering of an operator that selects one of its operands.
    static func selection(of node: NodeContext) -> Lowering {
        guard node.inputCount > 1 else { return .alias(.input(0)) }
        var calls = CallSequence()
        _ = calls.comparing((0..<node.inputCount).map { .input($0) }, dtype: node.inputDType(0)) { calls, operands in
            operands.dropFirst().reduce(operands[0]) { calls.append(joining($0, $1)) }
        }
        return calls.lowering
    }
}
