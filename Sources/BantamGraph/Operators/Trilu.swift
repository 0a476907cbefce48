/// Keeps the upper triangle of each matrix, or with `upper = 0` the lower one, and sets the rest to zero.
///
/// `k` moves the diagonal, which is kept, to the right; a negative one to the left.
struct Trilu: Operator {
    static let name = "Trilu"
    static let inputs: [InputSlot] = [.activation("input"), .optional(.setting("k"))]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let shape = node.inputShape(0)
        guard shape.rank >= 2 else { throw node.mismatch("an input of shape \(shape) holds no matrix") }
        return [shape]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .passThrough(axes: 0..<node.inputShape(0).rank - 2)
    }

    static func quantization(of node: NodeContext) -> QuantizationRole { .transparent }
    static func cost(of node: NodeContext) -> Cost { .free }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let function = node.int("upper", default: 1) != 0 ? "aten::triu" : "aten::tril"
        return [ATenCall(function, .input(0), .int(try diagonal(of: node)))]
    }

    private static func diagonal(of node: NodeContext) throws(GraphError) -> Int {
        guard node.hasInput(1) else { return 0 }
        let offsets = try node.constantInts(1, called: "k")
        guard offsets.count == 1 else { throw node.mismatch("k has \(offsets.count) elements; it must be one number") }
        // Farther out there is nothing left to keep or to drop.
        let shape = node.inputShape(0)
        return min(max(offsets[0], -shape[shape.rank - 2] - 1), shape[shape.rank - 1] + 1)
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[4, 5]]),
            OperatorExample([[2, 3, 4, 4], .constant(TensorData(scalar: Int64(-1)))], attributes: ["upper": .int(0)]),
            OperatorExample([[1, 2, 2, 3, 5], .constant(TensorData(scalar: Int64(1)))]),
        ]
    }
}
