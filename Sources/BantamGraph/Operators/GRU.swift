/// A layer of gated recurrent units, over a sequence in one or both directions.
///
/// With `linear_before_reset` the reset gate acts after the state's product, as in cuDNN and PyTorch; without, before
/// it, as in the paper. Cho et al., *Learning Phrase Representations using RNN Encoder-Decoder*, EMNLP 2014.
struct GRU: Operator {
    static let name = "GRU"
    static let inputs: [InputSlot] = [
        .activation("X"), .weight("W"), .weight("R"), .optional(.bias("B")), .optional(.setting("sequence_lens")),
        .optional(.activation("initial_h")),
    ]
    private static let gates = 3

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let recurrence = try Recurrence(of: node, gates: gates)
        return [recurrence.outputShape, recurrence.stateShape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        let dtype = try floatingPointDType(of: node, slots: [0, 1, 2, 3, 5])
        return [dtype, dtype]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            return try Recurrence(of: node, gates: gates).channelFlow(of: node)
        } catch {
            return .opaque(error.message)
        }
    }

    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        Recurrence.reductionAxis(ofWeight: slot, of: node)
    }

    static func cost(of node: NodeContext) -> Cost { Recurrence.cost(of: node, gates: gates) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] {
        Recurrence.keptForBackward(of: node, gates: gates)
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let recurrence = try Recurrence(of: node, gates: gates)
        try Recurrence.checkSettings(of: node, activations: ["Sigmoid", "Tanh"])
        var calls = CallSequence()
        let state = recurrence.initialState(slot: 5, of: node, &calls)
        guard node.int("linear_before_reset", default: 0) == 0 else {
            // ONNX lists update, reset and new gate; ATen reset, update and new gate.
            return recurrence.fused(
                "aten::gru", states: [state], areStatesListed: false, order: [1, 0, 2], of: node, &calls)
        }
        let hidden = recurrence.hidden
        return recurrence.unrolled(states: [state], of: node, &calls) { direction, input, states, calls in
            let weight = calls.append("aten::select", "int", .input(2), .int(0), .int(direction))
            var input = input
            for isOfState in node.hasInput(3) ? [false, true] : [] {
                let bias = recurrence.bias(direction: direction, &calls, isOfState: isOfState)
                input = calls.append("aten::add", "Tensor", input, bias)
            }
            func gate(_ index: Int, count: Int, of state: ATenArgument) -> ATenArgument {
                let rows = calls.append(
                    "aten::narrow", "", weight, .int(0), .int(index * hidden), .int(count * hidden))
                let share = calls.append("aten::narrow", "", input, .int(1), .int(index * hidden), .int(count * hidden))
                return calls.append("aten::add", "Tensor", calls.append("aten::linear", "", state, rows), share)
            }
            let gates = calls.append("aten::sigmoid", "", gate(0, count: 2, of: states[0]))  // [B, 2*H]
            let update = calls.append("aten::narrow", "", gates, .int(1), .int(0), .int(hidden))
            let reset = calls.append("aten::narrow", "", gates, .int(1), .int(hidden), .int(hidden))
            let kept = calls.append("aten::mul", "Tensor", reset, states[0])
            let new = calls.append("aten::tanh", "", gate(2, count: 1, of: kept))
            return [calls.append("aten::lerp", "Tensor", new, states[0], update)]
        }
    }

    static var examples: [OperatorExample] {
        [0, 1].flatMap { isResetLate in
            [
                OperatorExample(
                    [[3, 2, 4], .weight([1, 9, 4]), .weight([1, 9, 3])],
                    attributes: ["linear_before_reset": .int(isResetLate), "hidden_size": .int(3)], outputCount: 2),
                OperatorExample(
                    [[3, 2, 4], .weight([2, 9, 4]), .weight([2, 9, 3]), .weight([2, 18]), .absent, [2, 2, 3]],
                    attributes: [
                        "direction": .string("bidirectional"), "linear_before_reset": .int(isResetLate),
                        "hidden_size": .int(3),
                    ], outputCount: 2),
                OperatorExample(
                    [[3, 2, 4], .weight([1, 9, 4]), .weight([1, 9, 3]), .weight([1, 18])],
                    attributes: [
                        "direction": .string("reverse"), "linear_before_reset": .int(isResetLate),
                        "hidden_size": .int(3),
                    ], outputCount: 2),
            ]
        }
    }
}
