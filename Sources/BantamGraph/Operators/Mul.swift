/// `C = A · B`, elementwise, with broadcasting.
struct Mul: BinaryArithmetic {
    static let name = "Mul"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAny([0, 1]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func quantization(of node: NodeContext) -> QuantizationRole {
        node.inputDType(0).isFloatingPoint ? .integer(inputs: [.activation, .activation]) : .float
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::mul", overload: "Tensor", .input(0), .input(1))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        try ElementwiseEvaluation.joining(
            node, integers: { ElementwiseEvaluation.exact($0.multipliedReportingOverflow(by: $1)) }, floats: *)
    }
}
