/// Normalizes each group of channels of each sample of `[N, C, ...]`, then scales and shifts each channel.
///
/// Opset 21 has a scale for each channel, opset 18 one for each group; both are understood. Wu and He, *Group
/// Normalization*, ECCV 2018.
struct GroupNormalization: Operator {
    static let name = "GroupNormalization"
    static let inputs: [InputSlot] = [.activation("X"), .weight("scale"), .bias("bias")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([1, 2]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let groups = node.int("num_groups", default: 0)
        guard input.rank >= 2, input[1] >= 1, groups >= 1, input[1] % groups == 0 else {
            throw node.mismatch("the channels of an input of shape \(input) cannot be split into \(groups) groups")
        }
        for slot in 1...2 where node.inputShape(slot) != [input[1]] && node.inputShape(slot) != [groups] {
            throw node.mismatch(
                "\(inputs[slot].name) has shape \(node.inputShape(slot)); [\(input[1])], or in opset 18 [\(groups)], "
                    + "is needed")
        }
        return [input]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node, slots: 0...2)]
    }

    /// Groups stay equal in size; their statistics are then taken over the channels that remain.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let channels = SlotAxis.input(0, axis: 1)
        let size = channelsPerGroup(node)
        let perChannel = (1...2).filter { node.inputShape($0)[0] == node.inputShape(0)[1] }
        return .passThrough(axes: 0...1)
            .adding([AxisLink(channels, channels, .modulo(size))])
            .adding(perChannel.map { AxisLink(channels, .input($0, axis: 0)) })
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        let parameters = (1...2).map { slot in
            node.inputShape(slot)[0] == node.inputShape(0)[1]
                ? .input(slot)
                : calls.append("aten::repeat_interleave", "self_int", .input(slot), .int(channelsPerGroup(node)))
        }
        calls.append(
            "aten::group_norm", "", .input(0), .int(node.int("num_groups", default: 1)), parameters[0], parameters[1],
            .double(Double(node.float("epsilon", default: 1e-5))))
        return calls.lowering
    }

    private static func channelsPerGroup(_ node: NodeContext) -> Int {
        node.inputShape(0)[1] / node.int("num_groups", default: 1)
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 6, 4, 5], .weight([6]), .weight([6])], attributes: ["num_groups": .int(3)]),
            OperatorExample(
                [[2, 4, 2, 3, 3], .weight([4]), .weight([4])],
                attributes: ["num_groups": .int(2), "epsilon": .float(1e-3)]),
        ]
    }
}
