/// The cosine, elementwise.
struct Cos: UnaryArithmetic {
    static let name = "Cos"
    static let function = "aten::cos"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
