/// `y = 1 / x`, elementwise.
struct Reciprocal: UnaryArithmetic {
    static let name = "Reciprocal"
    static let function = "aten::reciprocal"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.output(0)] }

    static var examples: [OperatorExample] { positiveExamples }
}
