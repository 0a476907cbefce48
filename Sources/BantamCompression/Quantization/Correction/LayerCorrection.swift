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
/// A batch runs through the float model and through the quantized one, layer by layer. Each layer is corrected on
/// the very input it will get, with all layers before it quantized and corrected; then the walk goes on with its
/// corrected result. So one walk does for all layers what would otherwise take a run of the model for each. The shifts
/// of several batches are averaged; a rounding is learned on one.
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
        switch node.operatorName {
        case "Conv": weight[0]
        case "ConvTranspose": weight[1] * node.int("group", default: 1)
        case "Gemm": node.int("transB", default: 0) == 1 ? weight[0] : weight[1]
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
        try apply(to: &graph, plan: plan, device: device) { correct in try correct(inputs) }
    }

    /// Corrects the layers by several batches.
    ///
    /// - Parameter forEachBatch: Calls what it is given with the inputs of each batch.
    /// - Returns: What the last batch shows to be done, layer by layer.
    func apply(
        to graph: inout Graph, plan: StaticQuantizationPlan, device: Device,
        forEachBatch: (_ correct: ([Tensor]) throws -> Void) throws -> Void
    ) throws -> [Record] {
        let original = graph
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
        // Of each bias, times the samples that it was found on.
        var shifts: [ValueID: [Double]] = [:]
        var sampleCount = 0
        let walk = PairedWalk(original, quantized, device: device)
        func correct(_ layer: PairedWalk.Layer, samples: Int) throws -> Tensor {
            guard let layout = layouts[layer.node.id], let bias = layout.bias,
                let weight = original.constants[layout.weight],
                let parameters = parameters[original[layout.weight].name]
            else { return layer.result }
            var record = Record(
                node: layer.node.label, errorBefore: try Self.error(of: layer.result, from: layer.expected),
                errorAfter: 0)
            var result = layer.result
            if case .adaptive(let steps) = rounding {
                let learning = AdaptiveRounding(steps: steps, seed: seed)
                let rounded = try learning.round(
                    weight, as: parameters, of: layer, isRectified: Self.isRectified(layer.node, in: original))
                corrected.setConstant(layout.weight, to: rounded.weight)
                record.changedRoundings = rounded.changedShare
                result = rounded.result
            }
            if correctsBias {
                let channels = try Self.means(
                    try result.subtracting(layer.expected), keeping: layout.outputAxis)
                result = try result.subtracting(channels)
                let shift = try channels.data().elements(of: Float.self).map { Double($0) * Double(samples) }
                shifts[bias] = shifts[bias].map { zip($0, shift).map { $0 + $1 } } ?? shift
            }
            record.errorAfter = try Self.error(of: result, from: layer.expected)
            records.append(record)
            return result
        }
        try forEachBatch { inputs in
            let samples = inputs.first?.shape.dimensions.first ?? 1
            records = []
            try walk.run(inputs, at: Set(layouts.keys)) { try correct($0, samples: samples) }
            sampleCount += samples
        }
        for (bias, sums) in shifts {
            guard let data = graph.constants[bias] else { continue }
            let numbers = zip(data.elements(of: Float.self), sums).map { Float(Double($0) - $1 / Double(sampleCount)) }
            corrected.setConstant(bias, to: TensorData(data.shape, numbers))
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
