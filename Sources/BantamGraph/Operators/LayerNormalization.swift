/// Normalizes each sample over the axes from `axis` to the last, then scales and shifts each entry.
///
/// Optional further outputs are the mean and the reciprocal deviation, with the normalized axes of size 1.
/// Ba et al., *Layer Normalization*, 2016.
struct LayerNormalization: Operator {
    static let name = "LayerNormalization"
    static let inputs: [InputSlot] = [.activation("X"), .weight("Scale"), .optional(.bias("B"))]

    /// Further outputs are statistics.
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        node.node.outputs.count > 1 ? .never : .whereAll([1, 2])
    }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let first = try node.axis(default: -1)
        for slot in 1...2 where node.hasInput(slot) && node.inputShape(slot).broadcast(with: input) != input {
            throw node.mismatch(
                "\(inputs[slot].name) has shape \(node.inputShape(slot)), which does not broadcast to \(input)")
        }
        let statistics = Shape(input.dimensions.enumerated().map { $0 < first ? $1 : 1 })
        return [input, statistics, statistics]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        let dtype = try floatingPointDType(of: node)
        let statistics: DType = node.int("stash_type", default: 1) == 1 ? .float32 : dtype
        return [dtype, statistics, statistics]
    }

    /// Channels are followed along the normalized axes too: the statistics are then taken over those that remain.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let rank = node.inputShape(0).rank
        let first = node.checkedAxis(default: -1)
        let statistics = (1..<3).filter { $0 < node.node.outputs.count }.flatMap { output in
            (0..<first).map { AxisLink(.input(0, axis: $0), .output(output, axis: $0)) }
        }
        let parameters = (1...2).filter(node.hasInput).flatMap { ChannelFlow.broadcastLinks(node, slot: $0) }
        return .passThrough(axes: 0..<rank).adding(parameters + statistics)
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let normalized = Array(node.inputShape(0).dimensions[try node.axis(default: -1)...])
        let epsilon = ATenArgument.double(Double(node.float("epsilon", default: 1e-5)))
        let slots = (1...2).filter(node.hasInput)
        let isFused = slots.allSatisfy { node.inputShape($0).dimensions == normalized }
        let scale: ATenArgument = isFused ? .input(1) : .none
        let bias: ATenArgument = isFused && node.hasInput(2) ? .input(2) : .none
        if isFused, node.node.outputs.count == 1 {
            return [ATenCall("aten::layer_norm", .input(0), .ints(normalized), scale, bias, epsilon)]
        }
        var calls = [ATenCall("aten::native_layer_norm", .input(0), .ints(normalized), scale, bias, epsilon)]
        if !isFused {
            calls.append(ATenCall("aten::mul", overload: "Tensor", .result(0), .input(1)))
            if node.hasInput(2) { calls.append(ATenCall("aten::add", overload: "Tensor", .result(1), .input(2))) }
        }
        return Lowering(calls, outputs: [.result(calls.count - 1), .result(0, 1), .result(0, 2)])
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4], .weight([4]), .weight([4])]),
            OperatorExample([[2, 3, 4], .weight([3, 4])], attributes: ["axis": .int(1), "epsilon": .float(1e-3)]),
            OperatorExample([[2, 3, 4, 5], .weight([5]), .weight([5])], attributes: ["axis": .int(2)]),
            OperatorExample([[2, 2, 3, 4, 5], .weight([5]), .weight([5])], outputCount: 3),
        ]
    }
}
