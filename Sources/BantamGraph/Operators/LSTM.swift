/// A layer of long short-term memory, over a sequence in one or both directions.
///
/// Hochreiter and Schmidhuber, *Long Short-Term Memory*, Neural Computation 1997.
struct LSTM: Operator {
    static let name = "LSTM"
    static let inputs: [InputSlot] = [
        .activation("X"), .weight("W"), .weight("R"), .optional(.bias("B")), .optional(.setting("sequence_lens")),
        .optional(.activation("initial_h")), .optional(.activation("initial_c")), .optional(.weight("P")),
    ]
    private static let gates = 4

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let recurrence = try Recurrence(of: node, gates: gates)
        return [recurrence.outputShape, recurrence.stateShape, recurrence.stateShape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        let dtype = try floatingPointDType(of: node, slots: [0, 1, 2, 3, 5, 6, 7])
        return [dtype, dtype, dtype]
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
        try Recurrence.checkSettings(of: node, activations: ["Sigmoid", "Tanh", "Tanh"])
        var calls = CallSequence()
        let states = [5, 6].map { recurrence.initialState(slot: $0, of: node, &calls) }
        guard !node.hasInput(7) else { return lowering(of: node, recurrence, states: states, &calls) }
        // ONNX lists input, output, forget and cell gate; ATen input, forget, cell and output gate.
        return recurrence.fused(
            "aten::lstm", states: states, areStatesListed: true, order: [0, 2, 3, 1], of: node, &calls)
    }

    /// With peepholes the gates see the cell's state too.
    private static func lowering(
        of node: NodeContext, _ recurrence: Recurrence, states: [ATenArgument], _ calls: inout CallSequence
    ) -> Lowering {
        let hidden = recurrence.hidden
        return recurrence.unrolled(states: states, of: node, &calls) { direction, input, states, calls in
            let weight = calls.append("aten::select", "int", .input(2), .int(0), .int(direction))
            let peepholes = calls.append("aten::select", "int", .input(7), .int(0), .int(direction))
            var sum = calls.append("aten::linear", "", states[0], weight)
            sum = calls.append("aten::add", "Tensor", sum, input)
            for isOfState in node.hasInput(3) ? [false, true] : [] {
                let bias = recurrence.bias(direction: direction, &calls, isOfState: isOfState)
                sum = calls.append("aten::add", "Tensor", sum, bias)
            }
            func gate(_ index: Int, seeing cell: ATenArgument?) -> ATenArgument {
                let share = calls.append("aten::narrow", "", sum, .int(1), .int(index * hidden), .int(hidden))
                guard let cell else { return calls.append("aten::tanh", "", share) }
                let peephole = calls.append("aten::narrow", "", peepholes, .int(0), .int(index * hidden), .int(hidden))
                return calls.append("aten::sigmoid", "", calls.append("aten::addcmul", "", share, peephole, cell))
            }
            let kept = calls.append("aten::mul", "Tensor", gate(2, seeing: states[1]), states[1])
            let cell = calls.append("aten::addcmul", "", kept, gate(0, seeing: states[1]), gate(3, seeing: nil))
            let output = gate(1, seeing: cell)
            return [calls.append("aten::mul", "Tensor", output, calls.append("aten::tanh", "", cell)), cell]
        }
    }

    static var examples: [OperatorExample] {
        let lengths = OperatorExample.Input.constant(TensorData([2], [3, 3] as [Int32]))
        return [
            OperatorExample(
                [[3, 2, 4], .weight([1, 12, 4]), .weight([1, 12, 3])], attributes: ["hidden_size": .int(3)],
                outputCount: 3),
            OperatorExample(
                [
                    [3, 2, 4], .weight([2, 12, 4]), .weight([2, 12, 3]), .weight([2, 24]), lengths, [2, 2, 3],
                    [2, 2, 3],
                ], attributes: ["direction": .string("bidirectional"), "hidden_size": .int(3)], outputCount: 3),
            OperatorExample(
                [[3, 2, 4], .weight([1, 12, 4]), .weight([1, 12, 3]), .weight([1, 24])],
                attributes: ["direction": .string("reverse"), "hidden_size": .int(3)], outputCount: 2),
            OperatorExample(
                [
                    [3, 2, 4], .weight([2, 12, 4]), .weight([2, 12, 3]), .weight([2, 24]), .absent, [2, 2, 3],
                    [2, 2, 3], .weight([2, 9]),
                ], attributes: ["direction": .string("bidirectional"), "hidden_size": .int(3)], outputCount: 3),
        ]
    }
}
