/// `C = A + B`, elementwise, with broadcasting.
struct Add: BinaryArithmetic {
    static let name = "Add"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0, 1]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func quantization(of node: NodeContext) -> QuantizationRole {
        node.inputDType(0).isFloatingPoint ? .integer(inputs: [.activation, .activation]) : .float
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::add", overload: "Tensor", .input(0), .input(1))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        try ElementwiseEvaluation.joining(
            node, integers: { ElementwiseEvaluation.exact($0.addingReportingOverflow($1)) }, floats: +)
    }
}
