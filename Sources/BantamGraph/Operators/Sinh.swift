/// The hyperbolic sine, elementwise.
struct Sinh: UnaryArithmetic {
    static let name = "Sinh"
    static let function = "aten::sinh"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
