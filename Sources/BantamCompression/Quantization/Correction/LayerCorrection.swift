public import BantamGraph
import BantamNetwork
public import BantamTensor

/// Changes the float weights and biases of a planned model so that rounding them loses less: bias correction and
/// adaptive rounding.
///
/// ```swift
/// let method = LayerCorrection(correctsBias: true, rounding: .nearest)
/// let report = try method.apply(to: &graph, plan: plan, inputs: [batch])
/// try StaticQuantization.apply(plan, to: &graph)
/// ```
///
/// One batch runs through the float model and through the quantized one, layer by layer. Each layer is corrected on
/// the very input it will get, with all layers before it quantized and corrected; then the walk goes on with its
/// corrected result. So one walk does for all layers what would otherwise take a run of the model for each.
///
/// The decisions are kept in the graph: a weight becomes the number that its integer stands for, which the plan's
/// parameters turn into that integer again, and a shift is part of the bias. The plan stays as it is.
public struct LayerCorrection: Sendable {
    /// Whether the mean error of each channel is taken out of its bias.
    public var correctsBias: Bool
    public var rounding: WeightRounding
    /// Chooses the samples of a rounding's steps.
    public var seed: UInt64

    /// What was done to one layer.
    public struct Record: Hashable, Sendable, Codable {
        public var node: String
        /// The error of the layer's result, as a share of the result's own mean square: before and after.
        public var errorBefore: Double
        public var errorAfter: Double
        /// The share of the weights that are not rounded to the nearest integer.
        public var changedRoundings: Double?
    }

    public init(correctsBias: Bool = true, rounding: WeightRounding = .nearest, seed: UInt64 = 0) {
        self.correctsBias = correctsBias
        self.rounding = rounding
        self.seed = seed
    }

    /// Gives each layer that the plan quantizes a bias to correct. To be run before the plan is made.
    public static func addMissingBiases(to graph: inout Graph) {
        for node in graph.nodes.values where layers.contains(node.operatorName) && node.domain.isEmpty {
            guard node.inputs.count < 3 || node.inputs[2] == nil, let output = node.mainOutput,
                node.inputs.count > 1, let weight = node.inputs[1].flatMap({ graph.constants[$0] }),
                weight.dtype == .float32, let count = outputCount(of: node, weight: weight.shape)
            else { continue }
            let bias = TensorData([count], [Float](repeating: 0, count: count))
            graph.setInput(2, of: node.id, to: graph.addConstant("\(graph[output].name).bias", bias))
        }
    }

    /// The layers that have a slot for a bias.
    private static let layers: Set<String> = ["Conv", "ConvTranspose", "Gemm"]

    private static func outputCount(of node: Node, weight: Shape) -> Int? {
        func int(_ name: String, _ defaultValue: Int) -> Int {
            if case .int(let value)? = node.attributes[name] { value } else { defaultValue }
        }
        return switch node.operatorName {
        case "Conv": weight[0]
        case "ConvTranspose": weight[1] * int("group", 1)
        case "Gemm": int("transB", 0) == 1 ? weight[0] : weight[1]
        default: nil
        }
    }

    /// Corrects the layers that the plan quantizes.
    ///
    /// - Parameters:
    ///   - graph: The float graph for which the plan was made. Only weights and biases change.
    ///   - inputs: The batch: one tensor for each input of the graph, of at most `batchSize(for:)` samples.
    /// - Returns: What was done, layer by layer.
    /// - Throws: `planMismatch`; errors of libtorch. `graph` is then unchanged.
    public func apply(
        to graph: inout Graph, plan: StaticQuantizationPlan, inputs: [Tensor], device: Device = .cpu
    ) throws -> [Record] {
        var quantized = graph
        try StaticQuantization.apply(plan, to: &quantized)
        let scope = try QuantizationScope(graph)
        let parameters = Dictionary(
            plan.weights.map { ($0.value, $0.parameters) }, uniquingKeysWith: { first, _ in first })
        let biased = Set(plan.biases.map(\.nodeOutput))
        var layouts: [NodeID: WeightLayout] = [:]
        for node in graph.nodes.values where Self.layers.contains(node.operatorName) {
            guard let output = node.mainOutput, biased.contains(graph[output].name),
                let layout = WeightLayout(of: node, in: scope), layout.bias != nil,
                parameters[graph[layout.weight].name] != nil
            else { continue }
            layouts[node.id] = layout
        }
        var corrected = graph
        var records: [Record] = []
        try PairedWalk(graph, quantized, device: device).run(inputs, at: Set(layouts.keys)) { layer in
            guard let layout = layouts[layer.node.id], let bias = layout.bias,
                let weight = graph.constants[layout.weight], let parameters = parameters[graph[layout.weight].name]
            else { return layer.result }
            var record = Record(
                node: layer.node.label, errorBefore: try Self.error(of: layer.result, from: layer.expected),
                errorAfter: 0)
            var result = layer.result
            if case .adaptive(let steps) = rounding {
                let learning = AdaptiveRounding(steps: steps, seed: seed)
                let rounded = try learning.round(
                    weight, as: parameters, of: layer, isRectified: Self.isRectified(layer.node, in: graph))
                corrected.setConstant(layout.weight, to: rounded.weight)
                record.changedRoundings = rounded.changedShare
                result = rounded.result
            }
            if correctsBias {
                let channels = try Self.means(
                    try result.subtracting(layer.expected), keeping: layout.outputAxis)
                result = try result.subtracting(channels)
                let shift = try channels.data().elements(of: Float.self)
                if let data = graph.constants[bias] {
                    let numbers = zip(data.elements(of: Float.self), shift).map { $0 - $1 }
                    corrected.setConstant(bias, to: TensorData(data.shape, numbers))
                }
            }
            record.errorAfter = try Self.error(of: result, from: layer.expected)
            records.append(record)
            return result
        }
        graph = corrected
        return records
    }

    /// The mean over all axes but one, of extent 1 along those.
    private static func means(_ tensor: Tensor, keeping axis: Int) throws(TorchError) -> Tensor {
        try tensor.mean(axes: (0..<tensor.rank).filter { $0 != axis }, keepingAxes: true)
    }

    /// Whether all that is read of the layer's result is its positive part.
    private static func isRectified(_ node: Node, in graph: Graph) -> Bool {
        guard let output = node.mainOutput, !graph.isOutput(output) else { return false }
        let readers = graph.consumers(of: output)
        return readers.count == 1 && graph[readers[0]].operatorName == "Relu"
    }

    static func error(of result: Tensor, from expected: Tensor) throws(TorchError) -> Double {
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
