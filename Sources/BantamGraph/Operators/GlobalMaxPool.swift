/// The largest element of each channel over all spatial axes: `[N, C, ...]` to `[N, C, 1, ...]`.
struct GlobalMaxPool: GlobalPool {
    static let name = "GlobalMaxPool"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func quantization(of node: NodeContext) -> QuantizationRole { .transparent }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .output(0)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::amax", .input(0), .ints(Array(2..<node.inputShape(0).rank)), .bool(true))]
    }
}
