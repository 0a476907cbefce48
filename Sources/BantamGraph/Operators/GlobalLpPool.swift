/// The `p`-norm of each channel over all spatial axes: `[N, C, ...]` to `[N, C, 1, ...]`.
struct GlobalLpPool: GlobalPool {
    static let name = "GlobalLpPool"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .output(0)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axes = Array(2..<node.inputShape(0).rank)
        let order = ATenArgument.int(node.int("p", default: 2))
        return [ATenCall("aten::linalg_vector_norm", .input(0), order, .ints(axes), .bool(true))]
    }
}
