/// Whether each element is no number.
struct IsNaN: UnaryArithmetic {
    static let name = "IsNaN"
    static let function = "aten::isnan"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        _ = try floatingPointDType(of: node)
        return [.bool]
    }

    static var examples: [OperatorExample] {
        [OperatorExample([.data(TensorData([2, 2], [.nan, 1, -.infinity, 0] as [Float]))])]
    }
}
