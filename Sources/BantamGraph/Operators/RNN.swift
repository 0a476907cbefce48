/// A layer of plain recurrent units, `h = f(W x + R h + b)`, over a sequence in one or both directions.
///
/// Elman, *Finding Structure in Time*, Cognitive Science 1990.
struct RNN: Operator {
    static let name = "RNN"
    static let inputs: [InputSlot] = [
        .activation("X"), .weight("W"), .weight("R"), .optional(.bias("B")), .optional(.setting("sequence_lens")),
        .optional(.activation("initial_h")),
    ]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let recurrence = try Recurrence(of: node, gates: 1)
        return [recurrence.outputShape, recurrence.stateShape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        let dtype = try floatingPointDType(of: node, slots: [0, 1, 2, 3, 5])
        return [dtype, dtype]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            return try Recurrence(of: node, gates: 1).channelFlow(of: node)
        } catch {
            return .opaque(error.message)
        }
    }

    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        Recurrence.reductionAxis(ofWeight: slot, of: node)
    }

    static func cost(of node: NodeContext) -> Cost { Recurrence.cost(of: node, gates: 1) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { Recurrence.keptForBackward(of: node, gates: 1) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let recurrence = try Recurrence(of: node, gates: 1)
        var activation = "Tanh"
        if case .strings(let names)? = node.node.attributes["activations"], names.first?.lowercased() == "relu" {
            activation = "Relu"
        }
        try Recurrence.checkSettings(of: node, activations: [activation])
        var calls = CallSequence()
        let state = recurrence.initialState(slot: 5, of: node, &calls)
        return recurrence.fused(
            activation == "Tanh" ? "aten::rnn_tanh" : "aten::rnn_relu", states: [state], areStatesListed: false,
            order: [0], of: node, &calls)
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample(
                [[3, 2, 4], .weight([1, 3, 4]), .weight([1, 3, 3])], attributes: ["hidden_size": .int(3)],
                outputCount: 2),
            OperatorExample(
                [[3, 2, 4], .weight([2, 3, 4]), .weight([2, 3, 3]), .weight([2, 6]), .absent, [2, 2, 3]],
                attributes: [
                    "direction": .string("bidirectional"), "activations": .strings(["Relu", "Relu"]),
                    "hidden_size": .int(3),
                ], outputCount: 2),
        ]
    }
}
