/// The number whose hyperbolic cosine is `x`, elementwise; NaN where `x` is below 1.
struct Acosh: UnaryArithmetic {
    static let name = "Acosh"
    static let function = "aten::acosh"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }

    static var examples: [OperatorExample] { [OperatorExample([.random([2, 3, 4], in: 1.1...4)])] }
}
