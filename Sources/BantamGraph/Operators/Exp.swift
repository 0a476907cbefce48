/// `y = eˣ`, elementwise.
struct Exp: UnaryArithmetic {
    static let name = "Exp"
    static let function = "aten::exp"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.output(0)] }
}
