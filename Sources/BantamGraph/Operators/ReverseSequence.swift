/// Reverses the first `sequence_lens[i]` entries along the time axis of each sample `i`; the rest stays.
struct ReverseSequence: Operator {
    static let name = "ReverseSequence"
    static let inputs: [InputSlot] = [.activation("input"), .activation("sequence_lens")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let shape = node.inputShape(0)
        let (time, batch) = try axes(of: node)
        guard time != batch, time < 2, batch < 2, node.inputShape(1) == [shape[batch]] else {
            throw node.mismatch(
                "time_axis \(time), batch_axis \(batch) and \(node.inputShape(1)) lengths do not go with \(shape)")
        }
        return [shape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        try node.checkIndices(1)
        return [node.inputDType(0)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .sameAxes(node) { $0 > 1 } }
    static func quantization(of node: NodeContext) -> QuantizationRole { .transparent }
    static func cost(of node: NodeContext) -> Cost { .free }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let shape = node.inputShape(0)
        let (time, batch) = try axes(of: node)
        var (timeShape, batchShape) = ([Int](repeating: 1, count: shape.rank), [Int](repeating: 1, count: shape.rank))
        timeShape[time] = shape[time]
        batchShape[batch] = shape[batch]
        let steps = ATenArgument.constant(TensorData(Shape(timeShape), (0..<shape[time]).map { Int64($0) }))
        var calls = CallSequence()
        let lengths = calls.append("aten::reshape", "", .input(1), .ints(batchShape))
        let last = calls.append("aten::sub", "Scalar", lengths, .int(1))
        let reversed = calls.append("aten::sub", "Tensor", last, steps)
        let isReversed = calls.append("aten::ge", "Scalar", reversed, .int(0))
        let sources = calls.append("aten::where", "self", isReversed, reversed, steps)
        let indices = calls.append("aten::expand", "", sources, .ints(shape.dimensions))
        calls.append("aten::gather", "", .input(0), .int(time), indices)
        return calls.lowering
    }

    private static func axes(of node: NodeContext) throws(GraphError) -> (time: Int, batch: Int) {
        let rank = node.inputShape(0).rank
        return (
            try node.axis(node.int("time_axis", default: 0), rank: rank),
            try node.axis(node.int("batch_axis", default: 1), rank: rank)
        )
    }

    static var examples: [OperatorExample] {
        let (first, second): ([Int64], [Int64]) = ([4, 1, 3], [2, 5])
        return [
            OperatorExample([[4, 3, 2], .data(TensorData([3], first))]),
            OperatorExample(
                [[2, 5], .data(TensorData([2], second))], attributes: ["time_axis": .int(1), "batch_axis": .int(0)]),
        ]
    }
}
