/// `C = A - B`, elementwise, with broadcasting.
struct Sub: BinaryArithmetic {
    static let name = "Sub"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0, 1]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::sub", overload: "Tensor", .input(0), .input(1))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        try ElementwiseEvaluation.joining(
            node, integers: { ElementwiseEvaluation.exact($0.subtractingReportingOverflow($1)) }, floats: -)
    }
}
