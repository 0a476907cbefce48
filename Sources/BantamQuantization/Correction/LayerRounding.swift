public import BantamGraph
import BantamLayerwise
import BantamNetwork
public import BantamTensor

/// Rounds the weights of a planned model by ``AdaptiveRounding``, so that each layer's result suffers least, and corrects
/// the layers' biases.
///
/// ```swift
/// let (roundings, shifts) = try LayerRounding(steps: 500).apply(to: &graph, plan: plan, inputs: [batch])
/// try StaticQuantization.apply(plan, to: &graph)
/// ```
///
/// A batch runs through the float model and through the quantized one, layer by layer. Each layer is rounded on the
/// very input it will get, with all layers before it quantized and rounded. Its bias then takes up what is left of the
/// error on average: that which activations' rounding makes too, unlike with ``BiasCorrection``. The walk goes on with
/// its result. So one walk does for all layers what would otherwise take a run of the model for each.
///
/// The decisions are kept in the graph: a weight becomes the number that its integer stands for, which the plan's
/// parameters turn into that integer again. The plan stays as it is.
public struct LayerRounding: Sendable {
    /// How long a layer learns; with 0 its weights are rounded to the nearest.
    public var steps: Int
    /// Whether biases take up the mean error that is left.
    public var correctsBias: Bool
    /// Chooses the samples of the steps.
    public var seed: UInt64

    /// What was done to one layer.
    public struct Record: Hashable, Sendable, Codable {
        public var node: String
        /// The error of the layer's result, as a share of the result's own mean square: rounded to the nearest, and as
        /// it was left.
        public var errorBefore: Double
        public var errorAfter: Double
        /// The share of the weights that are not rounded to the nearest integer.
        public var changedShare: Double
    }

    public init(steps: Int, correctsBias: Bool = true, seed: UInt64 = 0) {
        self.steps = steps
        self.correctsBias = correctsBias
        self.seed = seed
    }

    /// Rounds the weights of the layers that the plan quantizes.
    ///
    /// - Parameters:
    ///   - graph: The float graph for which the plan was made. Only weights and biases change.
    ///   - inputs: The batch: one tensor for each input of the graph.
    /// - Returns: What was done, layer by layer; of biases, where there is one to correct.
    /// - Throws: `planMismatch`; errors of libtorch. `graph` is then unchanged.
    public func apply(
        to graph: inout Graph, plan: StaticQuantizationPlan, inputs: [Tensor], device: Device = .cpu
    ) throws -> (roundings: [Record], shifts: [BiasCorrection.Record]) {
        let original = graph
        var quantized = graph
        try StaticQuantization.apply(plan, to: &quantized)
        let parameters = plan.weightParameters
        let scope = try QuantizationScope(original)
        var layouts: [NodeID: WeightLayout] = [:]
        for node in original.nodes.values where WeightLayout.operatorsWithBias.contains(node.operatorName) {
            guard let layout = WeightLayout(of: node, in: scope), parameters[original[layout.weight].name] != nil,
                quantized.nodes[node.id] != nil
            else { continue }
            layouts[node.id] = layout
        }
        var rounded = original
        var (records, shifts): ([Record], [BiasCorrection.Record]) = ([], [])
        try PairedWalk(original, quantized, device: device).run(inputs, at: Set(layouts.keys)) { layer in
            guard let layout = layouts[layer.node.id], let weight = original.constants[layout.weight],
                let parameters = parameters[original[layout.weight].name]
            else { return layer.result }
            let single = try SingleLayer(layer.node, inputs: layer.inputs)
            let grid = try IntegerGrid(weight, as: parameters, device: layer.result.device)
            let integers =
                steps > 0
                ? try AdaptiveRounding(steps: steps, seed: seed).integers(
                    of: grid, in: single, expected: layer.expected,
                    isRectified: Self.isRectified(layer.node, in: original))
                : try grid.nearest(to: grid.quotient)
            let numbers = try grid.numbers(integers)
            rounded.setConstant(layout.weight, to: try numbers.data())
            var result = try single.run(weight: numbers).detached()
            if correctsBias, SingleLayer.isUnscaled(layer.node), let bias = layout.bias {
                let shift = try result.meanShortfall(from: layer.expected)
                let numbers = try shift.data().elements(of: Float.self)
                result = try result.adding(shift)
                rounded.add(numbers, to: bias)
                shifts.append(BiasCorrection.Record(node: layer.node.label, shifts: numbers.map(Double.init)))
            }
            records.append(
                Record(
                    node: layer.node.label, errorBefore: try layer.result.relativeError(from: layer.expected),
                    errorAfter: try result.relativeError(from: layer.expected),
                    changedShare: try grid.shareNotNearest(integers)))
            return result
        }
        graph = rounded
        return (records, shifts)
    }

    /// Whether all that is read of the layer's result is its positive part.
    private static func isRectified(_ node: Node, in graph: Graph) -> Bool {
        guard let output = node.mainOutput, !graph.isOutput(output) else { return false }
        let readers = graph.consumers(of: output)
        return readers.count == 1 && graph[readers[0]].operatorName == "Relu"
    }
}

/// How a weight becomes an integer.
public enum WeightRounding: Hashable, Sendable, Codable {
    case nearest
    /// Up or down as the layer's result comes out best, learned in so many steps a layer: AdaRound.
    ///
    /// Nagel et al., *Up or Down? Adaptive Rounding for Post-Training Quantization*, ICML 2020.
    case adaptive(steps: Int)
    /// One input after another, each making up for the errors of those before: GPTQ. Transposed convolutions are rounded
    /// to the nearest.
    ///
    /// Frantar et al., *GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers*, ICLR 2023.
    case compensating

    /// For notes.
    var name: String {
        switch self {
        case .nearest: "the nearest"
        case .adaptive: "adaround"
        case .compensating: "gptq"
        }
    }
}
