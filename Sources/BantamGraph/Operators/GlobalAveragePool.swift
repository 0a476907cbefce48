/// The mean of each channel over all spatial axes: `[N, C, ...]` to `[N, C, 1, ...]`.
struct GlobalAveragePool: GlobalPool {
    static let name = "GlobalAveragePool"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func quantization(of node: NodeContext) -> QuantizationRole { .integer(inputs: [.activation]) }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        calls.spatialMean(.input(0), rank: node.inputShape(0).rank, keepingAxes: true)
        return calls.lowering
    }
}
