/// The tangent, elementwise.
struct Tan: UnaryArithmetic {
    static let name = "Tan"
    static let function = "aten::tan"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
