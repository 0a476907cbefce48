/// The natural logarithm, elementwise; NaN where `x` is negative.
struct Log: UnaryArithmetic {
    static let name = "Log"
    static let function = "aten::log"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }

    static var examples: [OperatorExample] { positiveExamples }
}
