/// What the recurrent operators (`LSTM`, `GRU`, `RNN`) have in common: their sizes, and how ATen wants their weights.
///
/// ```
/// X [S, B, I]   W [D, G*H, I]   R [D, G*H, H]   B [D, 2*G*H]   ->   Y [S, D, B, H],  Y_h [D, B, H]
/// ```
/// for S steps, a batch of B, D directions, H hidden numbers and G gates. With `layout = 1` the batch comes first.
struct Recurrence {
    let steps: Int
    let batch: Int
    let inputs: Int
    let hidden: Int
    let directions: Int
    let gates: Int
    let isBatchFirst: Bool
    let isReversed: Bool

    init(of node: NodeContext, gates: Int) throws(GraphError) {
        let input = node.inputShape(0)
        guard input.rank == 3 else { throw node.mismatch("the input has shape \(input); it takes three axes") }
        isBatchFirst = node.int("layout", default: 0) == 1
        (steps, batch) = isBatchFirst ? (input[1], input[0]) : (input[0], input[1])
        inputs = input[2]
        self.gates = gates
        switch node.string("direction", default: "forward") {
        case "forward": (directions, isReversed) = (1, false)
        case "reverse": (directions, isReversed) = (1, true)
        case "bidirectional": (directions, isReversed) = (2, false)
        case let other: throw node.unsupported("the direction \(other)")
        }
        let recurrent = node.inputShape(2)
        guard recurrent.rank == 3 else { throw node.mismatch("R has shape \(recurrent); it takes three axes") }
        hidden = recurrent[2]
        let state = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
        let expected: [Int: [Int]] = [
            1: [directions, gates * hidden, inputs], 2: [directions, gates * hidden, hidden],
            3: [directions, 2 * gates * hidden], 5: state, 6: state, 7: [directions, 3 * hidden],
        ]
        for (slot, shape) in expected.sorted(by: { $0.key < $1.key }) where node.hasInput(slot) {
            guard node.inputShape(slot).dimensions == shape else {
                throw node.mismatch("input \(slot) has shape \(node.inputShape(slot)); it takes \(Shape(shape))")
            }
        }
        guard steps > 0, hidden == node.int("hidden_size", default: hidden) else {
            throw node.mismatch("\(steps) steps of \(hidden) hidden numbers; at least 1 step of hidden_size is needed")
        }
    }

    var outputShape: Shape {
        isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden]
    }

    var stateShape: Shape { isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden] }

    /// `W` sums over the inputs and `R` over the hidden numbers, both along their last axis.
    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        (1...2).contains(slot) ? ReductionAxis(2, of: node.inputShape(slot)) : nil
    }

    /// Both products of each step; of a node that does not fit, none.
    static func cost(of node: NodeContext, gates: Int) -> Cost {
        guard let sizes = try? Recurrence(of: node, gates: gates) else { return .free }
        return Cost(
            macs: sizes.steps * sizes.batch * sizes.directions * gates * sizes.hidden * (sizes.inputs + sizes.hidden))
    }

    /// The input, the outputs, and every gate of every step.
    static func keptForBackward(of node: NodeContext, gates: Int) -> [KeptValue] {
        guard let sizes = try? Recurrence(of: node, gates: gates) else { return [] }
        let shape: Shape = [sizes.steps, sizes.batch, sizes.directions * gates * sizes.hidden]
        return [.input(0), .output(0), .intermediate(TensorType(node.inputDType(0), shape))]
    }

    /// Inputs and batch can be followed, the latter also into the length and the initial state of each sample; what a
    /// hidden number is mixed with cannot.
    func channelFlow(of node: NodeContext) -> ChannelFlow {
        let axis = isBatchFirst ? 0 : 1
        let outputAxes = isBatchFirst ? [0, 0, 0] : [2, 1, 1]
        let batches = zip(node.node.outputs.indices, outputAxes).map { output, outputAxis in
            AxisLink(.input(0, axis: axis), .output(output, axis: outputAxis))
        }
        let states = [(4, 0), (5, axis), (6, axis)].filter { node.hasInput($0.0) }.map { slot, stateAxis in
            AxisLink(.input(0, axis: axis), .input(slot, axis: stateAxis))
        }
        return .links([AxisLink(.input(0, axis: 2), .input(1, axis: 2))] + batches + states)
    }

    /// What ATen's own operators compute; the rest of ONNX's settings is refused.
    ///
    /// - Parameter activations: The functions of one direction, in ONNX's order.
    static func checkSettings(of node: NodeContext, activations: [String]) throws(GraphError) {
        if case .strings(let names)? = node.node.attributes["activations"] {
            let isUsual = names.indices.allSatisfy {
                names[$0].lowercased() == activations[$0 % activations.count].lowercased()
            }
            guard isUsual else { throw node.unsupported("the activations \(names.joined(separator: ", "))") }
        }
        for name in ["clip", "input_forget"] where node.node.attributes[name].map({ $0 != .int(0) }) ?? false {
            throw node.unsupported("the setting \(name)")
        }
        guard node.hasInput(4) else { return }
        let steps = node.inputShape(0)[node.int("layout", default: 0) == 1 ? 1 : 0]
        guard try node.constantInts(4, called: "sequence_lens").allSatisfy({ $0 == steps }) else {
            throw node.unsupported("a batch of sequences of different lengths (sequence_lens)")
        }
    }
}

// MARK: - Lowering

extension Recurrence {
    /// The input as `[S, B, I]`, from its last step to its first where it is read that way.
    func sequence(_ calls: inout CallSequence) -> ATenArgument {
        var x = ATenArgument.input(0)
        if isBatchFirst { x = calls.append("aten::transpose", "int", x, .int(0), .int(1)) }
        if isReversed { x = calls.append("aten::flip", "", x, .ints([0])) }
        return x  // [S, B, I]
    }

    /// The state before the first step, `[D, B, H]`.
    func initialState(slot: Int, of node: NodeContext, _ calls: inout CallSequence) -> ATenArgument {
        guard node.hasInput(slot) else {
            return .constant(TensorData(zeros: TensorType(node.inputDType(0), [directions, batch, hidden])))
        }
        return isBatchFirst
            ? calls.append("aten::transpose", "int", .input(slot), .int(0), .int(1)) : .input(slot)
    }

    /// One direction's weights or biases, with its gates in another order: `order[i]` is the gate that comes `i`th.
    func parameters(slot: Int, direction: Int, order: [Int], _ calls: inout CallSequence) -> [ATenArgument] {
        let part = calls.append("aten::select", "int", .input(slot), .int(0), .int(direction))
        // The biases of input and state lie one after the other.
        let halves = slot == 3 ? [0, gates * hidden] : [0]
        return halves.map { start in
            let rows = order.flatMap { gate in (0..<hidden).map { Int64(start + gate * hidden + $0) } }
            return calls.append("aten::index_select", "", part, .int(0), .constant(TensorData([rows.count], rows)))
        }
    }

    /// One call of ATen's recurrent operator, and its results in ONNX's layout.
    ///
    /// - Parameters:
    ///   - order: The gates in ATen's order.
    ///   - states: The states before the first step.
    func fused(
        _ name: String, states: [ATenArgument], areStatesListed: Bool, order: [Int], of node: NodeContext,
        _ calls: inout CallSequence
    ) -> Lowering {
        let x = sequence(&calls)
        let weights = (0..<directions).flatMap { direction in
            (node.hasInput(3) ? [1, 2, 3] : [1, 2]).flatMap {
                parameters(slot: $0, direction: direction, order: order, &calls)
            }
        }
        let results = calls.append(
            name, "input", x, areStatesListed ? .tensors(states) : states[0], .tensors(weights),
            .bool(node.hasInput(3)), .int(1), .double(0), .bool(false), .bool(directions == 2), .bool(false))
        guard case .result(let call, _) = results else { preconditionFailure("\(name) has no results") }
        var y = calls.append("aten::reshape", "", results, .ints([steps, batch, directions, hidden]))
        if isReversed { y = calls.append("aten::flip", "", y, .ints([0])) }
        y = calls.append("aten::permute", "", y, .ints(isBatchFirst ? [1, 0, 2, 3] : [0, 2, 1, 3]))
        return outputs([y] + (1...states.count).map { state(.result(call, $0), &calls) }, of: node, calls)
    }

    /// The steps written out one by one, for what ATen has no operator for.
    ///
    /// - Parameter step: Computes the next states, of shape `[B, H]`, from the input's share of the gates
    ///   (`[B, G*H]`) and the present states; the first is the output.
    func unrolled(
        states: [ATenArgument], of node: NodeContext, _ calls: inout CallSequence,
        step: (_ direction: Int, _ gates: ATenArgument, [ATenArgument], inout CallSequence) -> [ATenArgument]
    ) -> Lowering {
        var x = ATenArgument.input(0)
        if isBatchFirst { x = calls.append("aten::transpose", "int", x, .int(0), .int(1)) }
        var outputsOfDirections: [ATenArgument] = []
        var lastStates = [[ATenArgument]](repeating: [], count: states.count)
        for direction in 0..<directions {
            let weight = calls.append("aten::select", "int", .input(1), .int(0), .int(direction))
            let gates = calls.append("aten::linear", "", x, weight)  // [S, B, G*H]
            var present = states.map { calls.append("aten::select", "int", $0, .int(0), .int(direction)) }
            var outputs = [ATenArgument](repeating: .none, count: steps)
            let isBackward = isReversed || direction == 1
            for time in isBackward ? Array((0..<steps).reversed()) : Array(0..<steps) {
                let input = calls.append("aten::select", "int", gates, .int(0), .int(time))
                present = step(direction, input, present, &calls)
                outputs[time] = present[0]
            }
            outputsOfDirections.append(calls.append("aten::stack", "", .tensors(outputs), .int(0)))  // [S, B, H]
            for (index, state) in present.enumerated() { lastStates[index].append(state) }
        }
        var y = calls.append("aten::stack", "", .tensors(outputsOfDirections), .int(1))  // [S, D, B, H]
        if isBatchFirst { y = calls.append("aten::permute", "", y, .ints([2, 0, 1, 3])) }
        let last = lastStates.map { calls.append("aten::stack", "", .tensors($0), .int(isBatchFirst ? 1 : 0)) }
        return outputs([y] + last, of: node, calls)
    }

    /// One direction's bias, `[G*H]`: the one added to the state's product, or that added to the input's.
    func bias(direction: Int, _ calls: inout CallSequence, isOfState: Bool) -> ATenArgument {
        let biases = calls.append("aten::select", "int", .input(3), .int(0), .int(direction))
        return calls.append(
            "aten::narrow", "", biases, .int(0), .int(isOfState ? gates * hidden : 0), .int(gates * hidden))
    }

    private func state(_ result: ATenArgument, _ calls: inout CallSequence) -> ATenArgument {
        isBatchFirst ? calls.append("aten::transpose", "int", result, .int(0), .int(1)) : result
    }

    private func outputs(_ results: [ATenArgument], of node: NodeContext, _ calls: CallSequence) -> Lowering {
        Lowering(calls.calls, outputs: Array(results.prefix(node.node.outputs.count)))
    }
}
