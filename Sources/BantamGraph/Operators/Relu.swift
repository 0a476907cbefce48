/// `y = max(x, 0)`, elementwise.
struct Relu: UnaryActivation {
    static let name = "Relu"
    // Integers have a maximum too, so unlike other activations it takes them.
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [node.inputDType(0)] }
    static func quantization(of node: NodeContext) -> QuantizationRole { .integer(inputs: [.activation]) }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.output(0)] }
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering { [ATenCall("aten::relu", .input(0))] }
}
