/// Convolution over any number of spatial axes: `[N, C, ...]` with a weight `[M, C / group, ...]` gives `[N, M, ...]`.
struct Conv: Operator {
    static let name = "Conv"
    static let inputs: [InputSlot] = [.activation("X"), .weight("W"), .optional(.bias("B"))]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([1, 2]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let convolution = try Convolution(of: node)
        if node.hasInput(2), node.inputShape(2) != [node.inputShape(1)[0]] {
            throw node.mismatch(
                "the bias has shape \(node.inputShape(2)); the weight's \(node.inputShape(1)[0]) output channels need "
                    + "[\(node.inputShape(1)[0])]")
        }
        return [convolution.outputShape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node, slots: 0...2)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        Convolution.channelFlow(of: node, perOutput: [2])
    }

    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        Convolution.settings(of: old, resizedTo: new)
    }

    static func quantization(of node: NodeContext) -> QuantizationRole {
        .integer(inputs: [.activation, .weight(channelAxis: 0), .bias])
    }

    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        slot == 1 ? ReductionAxis(1, of: node.inputShape(1)) : nil
    }

    static func cost(of node: NodeContext) -> Cost { Convolution.cost(of: node) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        _ = try node.spatialRank()
        var calls = CallSequence()
        let bias: ATenArgument = node.hasInput(2) ? .input(2) : .none
        try Convolution(of: node).lower(.input(0), weight: .input(1), bias: bias, in: &calls)
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample(
                [[2, 3, 8, 9], .weight([4, 3, 3, 3]), .weight([4])], attributes: ["pads": .ints([1, 1, 1, 1])]),
            // Grouped, with uneven padding and strides.
            OperatorExample(
                [[2, 4, 7, 8], .weight([6, 2, 3, 2]), .weight([6])],
                attributes: ["group": .int(2), "pads": .ints([0, 1, 2, 0]), "strides": .ints([2, 1])]),
            // Depthwise, two filters a channel, dilated.
            OperatorExample(
                [[1, 3, 9, 9], .weight([6, 1, 3, 3])],
                attributes: ["group": .int(3), "dilations": .ints([2, 1]), "pads": .ints([2, 1, 2, 1])]),
            // A clip: [N, C, T, H, W].
            OperatorExample(
                [[1, 2, 4, 6, 6], .weight([3, 2, 3, 3, 3]), .weight([3])],
                attributes: ["pads": .ints([1, 1, 1, 1, 1, 1]), "strides": .ints([1, 2, 2])]),
            // A sequence: [N, C, L].
            OperatorExample([[2, 3, 10], .weight([4, 3, 4])], attributes: ["auto_pad": .string("SAME_LOWER")]),
        ]
    }
}
