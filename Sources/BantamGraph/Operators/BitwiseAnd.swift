/// The bits that both operands have, elementwise, with broadcasting.
struct BitwiseAnd: BitwiseOperator {
    static let name = "BitwiseAnd"
    static let function = "aten::bitwise_and"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAny([0, 1]) }
}
