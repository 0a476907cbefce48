import BantamGraph
import BantamModel
import OrderedCollections

extension IntegerLayout {
    var placements: [NodePlacement] {
        decisions.compactMap { id, decision in
            let node = scope.graph[id]
            return node.mainOutput.map {
                NodePlacement(
                    node: node.label, output: scope.graph[$0].name, placement: decision.placement,
                    reason: decision.reason, macs: scope.macs(of: node))
            }
        }
    }

    /// Adds the parameters of the weights and biases of all nodes in integers.
    ///
    /// - Parameters:
    ///   - inputs: The parameters of each of ``groups``.
    ///   - learned: Those of weights for which they are known; the others' cover the weights.
    /// - Throws: `notFinite`, naming a weight or bias.
    func addWeights(
        to plan: inout StaticQuantizationPlan, inputs: [QuantizationParameters],
        learned: [ValueID: QuantizationParameters] = [:]
    ) throws(CompressionError) {
        var weights: OrderedDictionary<ValueID, QuantizationParameters> = [:]
        var biases: [BiasUse] = []
        for (id, decision) in decisions where decision.placement == .integer {
            let use = NodeUse(scope.graph[id], in: self, inputs: inputs)
            guard let weight = use.weight, let data = scope.graph.constants[weight.value] else { continue }
            if let parameters = weights[weight.value] ?? learned[weight.value] {
                weights[weight.value] = parameters
            } else {
                weights[weight.value] = try QuantizationParameters(
                    covering: data, channelAxis: weight.channelAxis, as: profile.weights,
                    name: scope.graph[weight.value].name)
            }
            guard let bias = use.bias, let input = use.input else { continue }
            guard bias.numbers.allSatisfy(\.isFinite) else { throw .notFinite(weight: scope.graph[bias.value].name) }
            weights[weight.value]?.makeRoom(forBias: bias.numbers, inputScale: input.scales[0])
            biases.append(BiasUse(node: id, weight: weight.value, bias: bias, input: input))
        }
        plan.weights = weights.map { .init(value: scope.graph[$0.key].name, parameters: $0.value) }
        // Only now, because a weight that several nodes share can have got larger scales.
        plan.biases = biases.compactMap { use in
            guard let weight = weights[use.weight], let output = scope.graph[use.node].mainOutput,
                let parameters = QuantizationParameters.bias(
                    input: use.input, weight: weight, axis: use.bias.axis, count: use.bias.numbers.count)
            else { return nil }
            return .init(
                value: scope.graph[use.bias.value].name, nodeOutput: scope.graph[output].name, slot: use.bias.slot,
                parameters: parameters)
        }
    }
}

/// The constants of a node in integers.
private struct NodeUse {
    struct Bias {
        var value: ValueID
        var slot: Int
        var axis: Int
        var numbers: [Float]
    }

    var input: QuantizationParameters?
    var weight: (value: ValueID, channelAxis: Int)?
    var bias: Bias?

    init(_ node: Node, in layout: IntegerLayout, inputs: [QuantizationParameters]) {
        let role = layout.scope.role(of: node)
        for (slot, value) in node.filledInputs {
            switch role.slot(slot) {
            case .activation:
                input =
                    input ?? layout.groupOfValue[value].map { inputs[$0] }
                    ?? layout.scope.givenParameters(of: value)
            case .weight(let channelAxis): weight = (value, channelAxis)
            case .bias: bias = Self.bias(value, slot: slot, in: layout.scope.graph)
            case .float: break
            }
        }
    }

    /// The bias, if it is a constant list with one number a channel. What else is added stays float.
    private static func bias(_ value: ValueID, slot: Int, in graph: Graph) -> Bias? {
        guard let data = graph.constants[value], data.dtype == .float32, data.shape.rank > 0,
            data.elementCount > 0, data.shape.dimensions.last == data.elementCount
        else { return nil }
        return Bias(value: value, slot: slot, axis: data.shape.rank - 1, numbers: data.elements())
    }
}

private struct BiasUse {
    var node: NodeID
    var weight: ValueID
    var bias: NodeUse.Bias
    var input: QuantizationParameters
}
