/// Convolution of 8-bit integers, each less its zero point, into int32: `[N, C, ...]` to `[N, M, ...]`.
///
/// The padding holds the input's zero point.
struct ConvInteger: Operator {
    static let name = "ConvInteger"
    static let inputs: [InputSlot] = [
        .activation("x"), .weight("w"), .optional(.setting("x_zero_point")), .optional(.setting("w_zero_point")),
    ]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let convolution = try Convolution(of: node)
        if node.hasInput(2), node.inputShape(2).elementCount != 1 {
            throw node.mismatch("x_zero_point has shape \(node.inputShape(2)); it must be one number")
        }
        let outputs = node.inputShape(1)[0]
        if node.hasInput(3), node.inputShape(3).elementCount != 1, node.inputShape(3) != [outputs] {
            throw node.mismatch(
                "w_zero_point has shape \(node.inputShape(3)); it must be one number or [\(outputs)]")
        }
        return [convolution.outputShape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        try IntegerOperand.checkDTypes(of: node, as: self)
        return [.int32]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let isPerChannel = node.hasInput(3) && node.inputShape(3) == [node.inputShape(1)[0]]
        return Convolution.channelFlow(of: node, perOutput: isPerChannel ? [3] : [])
    }

    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        Convolution.settings(of: old, resizedTo: new)
    }

    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        slot == 1 ? ReductionAxis(1, of: node.inputShape(1)) : nil
    }

    static func cost(of node: NodeContext) -> Cost { Convolution.cost(of: node) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let rank = try node.spatialRank()
        var calls = CallSequence()
        let input = IntegerOperand(slot: 0, zeroPoint: 2).lower(node, in: &calls)
        let weight = IntegerOperand(slot: 1, zeroPoint: 3, zeroPointShape: [-1] + Array(repeating: 1, count: rank + 1))
            .lower(node, in: &calls)
        let sums = try Convolution(of: node).lower(input, weight: weight, bias: .none, in: &calls)
        calls.append("aten::to", "dtype", sums, .dtype(.int32))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let image = TensorData([1, 2, 5, 5], (0..<50).map { UInt8(truncatingIfNeeded: $0 &* 37) })
        let clip = TensorData([1, 1, 3, 4, 4], (0..<48).map { UInt8(truncatingIfNeeded: $0 &* 53) })
        let weight = TensorData([3, 2, 3, 3], (0..<54).map { Int8(truncatingIfNeeded: $0 &* 29) })
        let clipWeight = TensorData([2, 1, 2, 2, 2], (0..<16).map { Int8(truncatingIfNeeded: $0 &* 29) })
        return [
            OperatorExample(
                [
                    .data(image), .constant(weight), .constant(TensorData(scalar: UInt8(128))),
                    .constant(TensorData(scalar: Int8(0))),
                ],
                attributes: ["pads": .ints([1, 0, 1, 2])]),
            OperatorExample([.data(clip), .constant(clipWeight)], attributes: ["pads": .ints([1, 1, 1, 1, 1, 1])]),
        ]
    }
}
