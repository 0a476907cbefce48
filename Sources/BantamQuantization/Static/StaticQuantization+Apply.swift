public import BantamGraph
public import BantamModel

extension StaticQuantization {
    /// Carries out a plan.
    ///
    /// Weights keep their names and become int8; nodes that stay in floating point and the outputs of the graph go on
    /// reading unrounded values.
    ///
    /// - Throws: `planMismatch` when the plan was made for another graph. `graph` is then unchanged.
    public static func apply(_ plan: StaticQuantizationPlan, to graph: inout Graph) throws(CompressionError) {
        var quantized = graph
        let placements = Dictionary(
            plan.nodes.map { ($0.output, $0.placement) }, uniquingKeysWith: { first, _ in first })
        for activation in plan.activations {
            try quantized.round(activation, forNodesIn: placements)
        }
        for weight in plan.weights { try quantized.store(weight, origin: origin) }
        for bias in plan.biases { try quantized.store(bias) }
        quantized.removeUnusedConstants()
        #if DEBUG
            quantized.checkInvariants()
        #endif
        graph = quantized
    }

    static let origin = "StaticQuantization"
}

extension Graph {
    /// Lets the nodes that compute on integers read the rounded activation.
    fileprivate mutating func round(
        _ activation: StaticQuantizationPlan.Activation, forNodesIn placements: [String: NodePlacement.Placement]
    ) throws(CompressionError) {
        guard let value = value(named: activation.value), constants[value] == nil else {
            throw .planMismatch("the activation \(activation.value)")
        }
        let readers = consumers(of: value).filter { id in
            switch self[id].mainOutput.flatMap({ placements[self[$0].name] }) {
            case .integer, .transparent: true
            default: false
            }
        }
        guard let first = firstInOrder(readers) else {
            throw .planMismatch("a reader of the activation \(activation.value)")
        }
        let name = activation.value
        let scale = addConstant("\(name).scale", activation.parameters.scaleData)
        let zeroPoint = addConstant("\(name).zero_point", activation.parameters.zeroPointData)
        let integers = addNode(
            "QuantizeLinear", name: "\(name).quantize", inputs: [value, scale, zeroPoint],
            outputNames: ["\(name).quantized"], origin: StaticQuantization.origin, before: first)[0]
        let rounded = addNode(
            "DequantizeLinear", name: "\(name).dequantize", inputs: [integers, scale, zeroPoint],
            outputNames: ["\(name).dequantized"], origin: StaticQuantization.origin, before: first)[0]
        if let type = self[value].type {
            setType(TensorType(activation.parameters.dtype, type.shape), of: integers)
            setType(type, of: rounded)
        }
        for reader in readers { replaceInput(value, of: reader, with: rounded) }
    }

    /// Stores a bias as integers for one node.
    fileprivate mutating func store(_ bias: StaticQuantizationPlan.Bias) throws(CompressionError) {
        guard let output = value(named: bias.nodeOutput), let node = producer(of: output),
            bias.slot < node.inputs.count, let value = node.inputs[bias.slot], self[value].name == bias.value,
            let data = constants[value], bias.parameters.fits(data)
        else { throw .planMismatch("the bias \(bias.value) of \(bias.nodeOutput)") }
        let integers = bias.parameters.quantize(data)
        let stored: ValueID
        if consumers(of: value) == [node.id], !isOutput(value) {
            setConstant(value, to: integers)
            stored = value
        } else {
            // Another reader has another scale.
            stored = addConstant(bias.value, integers)
        }
        guard
            let numbers = addDequantization(
                of: stored, bias.parameters, origin: StaticQuantization.origin, before: [node.id])
        else { return }
        setInput(bias.slot, of: node.id, to: numbers)
    }
}
