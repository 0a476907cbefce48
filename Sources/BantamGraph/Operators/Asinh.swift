/// The number whose hyperbolic sine is `x`, elementwise.
struct Asinh: UnaryArithmetic {
    static let name = "Asinh"
    static let function = "aten::asinh"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
