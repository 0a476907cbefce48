/// The angle between 0 and π whose cosine is `x`, elementwise; NaN where `x` is not in -1...1.
struct Acos: UnaryArithmetic {
    static let name = "Acos"
    static let function = "aten::acos"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }
}
