/// The sine, elementwise.
struct Sin: UnaryArithmetic {
    static let name = "Sin"
    static let function = "aten::sin"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
