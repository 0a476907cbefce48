/// The tangent, elementwise.
struct Tan: UnaryArithmetic {
    static let name = "Tan"
    static let function = "aten::tan"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
