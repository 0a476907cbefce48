/// The bits that exactly one operand has, elementwise, with broadcasting.
struct BitwiseXor: BitwiseOperator {
    static let name = "BitwiseXor"
    static let function = "aten::bitwise_xor"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0, 1]) }
}
