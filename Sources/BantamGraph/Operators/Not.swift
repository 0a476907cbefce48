/// Turns true into false and false into true, elementwise.
struct Not: UnaryArithmetic {
    static let name = "Not"
    static let function = "aten::logical_not"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try booleanDType(of: node)]
    }

    static var examples: [OperatorExample] { [OperatorExample([.data(TensorData([2], [true, false]))])] }
}
