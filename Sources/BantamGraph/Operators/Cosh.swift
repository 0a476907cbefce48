/// The hyperbolic cosine, elementwise.
struct Cosh: UnaryArithmetic {
    static let name = "Cosh"
    static let function = "aten::cosh"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
