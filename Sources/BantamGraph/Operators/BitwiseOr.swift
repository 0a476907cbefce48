/// The bits that at least one operand has, elementwise, with broadcasting.
struct BitwiseOr: BitwiseOperator {
    static let name = "BitwiseOr"
    static let function = "aten::bitwise_or"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0, 1]) }
}
