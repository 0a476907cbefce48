/// The largest of any number of tensors, elementwise, with broadcasting; NaN if one is.
struct Max: VariadicArithmetic {
    static let name = "Max"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        .whereAll(Array(node.node.inputs.indices))
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { node.node.inputs.indices.map { .input($0) } }

    static func joining(_ left: ATenArgument, _ right: ATenArgument) -> ATenCall {
        ATenCall("aten::maximum", left, right)
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering { selection(of: node) }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        try ElementwiseEvaluation.joining(node, integers: { max($0, $1) }, floats: { $0.isNaN || $0 > $1 ? $0 : $1 })
    }
}
