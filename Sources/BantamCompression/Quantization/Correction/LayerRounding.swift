public import BantamGraph
import BantamNetwork
public import BantamTensor

/// Rounds the weights of a planned model so that each layer's result suffers least: adaptive rounding.
///
/// ```swift
/// let report = try LayerRounding(steps: 1000).apply(to: &graph, plan: plan, inputs: [batch])
/// try StaticQuantization.apply(plan, to: &graph)
/// ```
///
/// A batch runs through the float model and through the quantized one, layer by layer. Each layer is rounded on the
/// very input it will get, with all layers before it quantized and rounded; then the walk goes on with its result. So
/// one walk does for all layers what would otherwise take a run of the model for each.
///
/// The decisions are kept in the graph: a weight becomes the number that its integer stands for, which the plan's
/// parameters turn into that integer again. The plan stays as it is.
///
/// - Reference: Nagel et al., *Up or Down? Adaptive Rounding for Post-Training Quantization*, ICML 2020.
public struct LayerRounding: Sendable {
    /// How long a layer's rounding is learned.
    public var steps: Int
    /// Chooses the samples of the steps.
    public var seed: UInt64

    /// What was done to one layer.
    public struct Record: Hashable, Sendable, Codable {
        public var node: String
        /// The error of the layer's result, as a share of the result's own mean square: rounded to the nearest, and as
        /// learned.
        public var errorBefore: Double
        public var errorAfter: Double
        /// The share of the weights that are not rounded to the nearest integer.
        public var changedShare: Double
    }

    public init(steps: Int, seed: UInt64 = 0) {
        self.steps = steps
        self.seed = seed
    }

    /// Rounds the weights of the layers that the plan quantizes.
    ///
    /// - Parameters:
    ///   - graph: The float graph for which the plan was made. Only weights change.
    ///   - inputs: The batch: one tensor for each input of the graph.
    /// - Returns: What was done, layer by layer.
    /// - Throws: `planMismatch`; errors of libtorch. `graph` is then unchanged.
    public func apply(
        to graph: inout Graph, plan: StaticQuantizationPlan, inputs: [Tensor], device: Device = .cpu
    ) throws -> [Record] {
        let original = graph
        var quantized = graph
        try StaticQuantization.apply(plan, to: &quantized)
        let parameters = plan.weightParameters
        let scope = try QuantizationScope(original)
        var weights: [NodeID: ValueID] = [:]
        for node in original.nodes.values where WeightLayout.operatorsWithBias.contains(node.operatorName) {
            guard let layout = WeightLayout(of: node, in: scope), parameters[original[layout.weight].name] != nil,
                quantized.nodes[node.id] != nil
            else { continue }
            weights[node.id] = layout.weight
        }
        let learning = AdaptiveRounding(steps: steps, seed: seed)
        var (rounded, records) = (original, [Record]())
        try PairedWalk(original, quantized, device: device).run(inputs, at: Set(weights.keys)) { layer in
            guard let value = weights[layer.node.id], let weight = original.constants[value],
                let parameters = parameters[original[value].name]
            else { return layer.result }
            let learned = try learning.round(
                weight, as: parameters, of: layer, isRectified: Self.isRectified(layer.node, in: original))
            rounded.setConstant(value, to: learned.weight)
            records.append(
                Record(
                    node: layer.node.label, errorBefore: try Self.error(of: layer.result, from: layer.expected),
                    errorAfter: try Self.error(of: learned.result, from: layer.expected),
                    changedShare: learned.changedShare))
            return learned.result
        }
        graph = rounded
        return records
    }

    /// Whether all that is read of the layer's result is its positive part.
    private static func isRectified(_ node: Node, in graph: Graph) -> Bool {
        guard let output = node.mainOutput, !graph.isOutput(output) else { return false }
        let readers = graph.consumers(of: output)
        return readers.count == 1 && graph[readers[0]].operatorName == "Relu"
    }

    private static func error(of result: Tensor, from expected: Tensor) throws(TorchError) -> Double {
        let difference = try result.subtracting(expected)
        let error = try difference.multiplied(by: difference).mean().item()
        let size = try expected.multiplied(by: expected).mean().item()
        return size > 0 ? error / size : error
    }
}

/// How a weight becomes an integer.
public enum WeightRounding: Hashable, Sendable, Codable {
    case nearest
    /// Up or down as the layer's result comes out best, learned in so many steps a layer.
    case adaptive(steps: Int)
}
