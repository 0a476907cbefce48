/// The angle between -π/2 and π/2 whose sine is `x`, elementwise; NaN where `x` is not in -1...1.
struct Asin: UnaryArithmetic {
    static let name = "Asin"
    static let function = "aten::asin"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
