/// `y = |x|`, elementwise.
struct Abs: UnaryArithmetic {
    static let name = "Abs"
    static let function = "aten::abs"
    static let acceptsIntegers = true
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
