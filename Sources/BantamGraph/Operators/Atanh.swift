/// The number whose hyperbolic tangent is `x`, elementwise; NaN where `x` is not in -1...1.
struct Atanh: UnaryArithmetic {
    static let name = "Atanh"
    static let function = "aten::atanh"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }

    static var examples: [OperatorExample] { [OperatorExample([.random([2, 3, 4], in: -0.9...0.9)])] }
}
