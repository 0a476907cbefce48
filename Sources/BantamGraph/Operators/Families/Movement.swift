/// An operator that views, selects or arranges elements and computes none.
///
/// Such operators cost no arithmetic, keep nothing for the backward pass, and are transparent to quantization.
protocol Movement: Operator {}

extension Movement {
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }
    static func quantization(of node: NodeContext) -> QuantizationRole { .transparent }
    static func cost(of node: NodeContext) -> Cost { .free }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }
}

/// A ``Movement`` that leaves the elements in order and gives them another shape.
protocol ShapeChange: Movement {}

extension ShapeChange {
    static var unpacksWeights: Bool { true }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .reshape(from: node.inputShape(0), to: node.outputShape(0), heads: node.heads)
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::reshape", .input(0), .ints(node.outputShape(0).dimensions))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        guard let data = node.constant(0) else { return nil }
        return [data.reshaped(to: try shapes(of: node)[0])]
    }
}

/// An operator whose output is known before the model runs: it reads shapes and settings alone.
protocol KnownResult: Operator {}

extension KnownResult {
    static func channelFlow(of node: NodeContext) -> ChannelFlow { .links([]) }
    static func cost(of node: NodeContext) -> Cost { .free }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        guard let result = try evaluate(node)?.first else { throw node.unsupported("an input computed by the model") }
        return .alias(.constant(result))
    }
}
