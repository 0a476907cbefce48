/// The bits that at least one operand has, elementwise, with broadcasting.
struct BitwiseOr: BitwiseOperator {
    static let name = "BitwiseOr"
    static let function = "aten::bitwise_or"
}
