/// The angle between -π/2 and π/2 whose tangent is `x`, elementwise.
struct Atan: UnaryArithmetic {
    static let name = "Atan"
    static let function = "aten::atan"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
