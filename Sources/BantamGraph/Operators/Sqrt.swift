/// `y = √x`, elementwise; NaN where `x` is negative.
struct Sqrt: UnaryArithmetic {
    static let name = "Sqrt"
    static let function = "aten::sqrt"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.output(0)] }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        ElementwiseEvaluation.unary(node, floats: { $0.squareRoot() })
    }

    static var examples: [OperatorExample] { positiveExamples }
}
