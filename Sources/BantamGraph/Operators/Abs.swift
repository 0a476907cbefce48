/// `y = |x|`, elementwise.
struct Abs: UnaryArithmetic {
    static let name = "Abs"
    static let function = "aten::abs"
    static let acceptsIntegers = true
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
