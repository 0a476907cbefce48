import BantamGraph
import BantamLayerwise
import BantamModel
import BantamNetwork
import BantamTensor
import BantamTraining

/// Rounds the weights of a planned model by ``ErrorCompensation`` (GPTQ).
///
/// The float model runs over the samples in small batches, and the covariances of all layers' patches are added up on the
/// way: memory is that of the covariances and of one batch. The layers' inputs are those of the float model, which INT8
/// changes little; what rounding moves on average is left to ``BiasCorrection``.
///
/// The decisions are kept in the graph: a weight becomes the number that its integer stands for, which the plan's
/// parameters turn into that integer again. Transposed convolutions are left to be rounded to the nearest.
struct CompensatedRounding {
    var device: Device = .cpu
    /// The most inputs that make up for each other.
    var largestBlock = ErrorCompensation.largestBlock

    /// Samples beyond these teach little that is new, with the positions of each; fewer are enough where a large model
    /// takes its time.
    private static let sampleCounts = 32...128
    /// What the model may compute for all samples together, in multiply-accumulates.
    private static let work = 60e9

    /// How many of some samples are looked at.
    static func sampleCount(for graph: Graph, of count: Int) throws(CompressionError) -> Int {
        do throws(GraphError) {
            let macs = Double(max(try CostAnalysis(of: graph).total.macs, 1))
            return min(max(Int(min(work / macs, 1e6)), sampleCounts.lowerBound), sampleCounts.upperBound, count)
        } catch {
            throw .invalidGraph(error)
        }
    }

    /// What the covariances of one run over the samples may take; layers beyond it wait for another run.
    private static let memory = 192 << 20
    /// What a batch's activations may take.
    private static let batchMemory = 64 << 20
    /// The patches of a layer: so many, and some times as many as it has inputs.
    private static let patches = (least: 4096, perInput: 6)

    private struct Layer {
        var node: Node
        var layout: WeightLayout
        var input: ValueID
        var weight: TensorData
        var parameters: QuantizationParameters

        /// How many inputs make up for each other, and in how many blocks.
        func blocks(largest: Int) -> (count: Int, inputs: Int) { PatchBlocks(layout, largest: largest).extents }
    }

    /// The samples, as the model's input.
    struct Samples {
        var count: Int
        /// Hands them out in batches of at most so many.
        var forEachBatch: (_ size: Int, _ body: (Tensor) throws -> Void) throws -> Void

        init(_ data: TrainingData, for graph: Graph, device: Device) {
            count = data.count
            forEachBatch = { size, body in
                try data.batches(size: size).forEachBatch(epoch: 0) {
                    try body(try $0.moved(to: device).inputs.fitting(graph))
                }
            }
        }

        init(_ batch: Tensor) {
            count = batch.shape[0]
            forEachBatch = { _, body in try body(batch) }
        }
    }

    /// The weights as their integers stand for them, and what was done, layer by layer.
    struct Result {
        var weights: [ValueID: TensorData] = [:]
        var records: [LayerRounding.Record] = []
    }

    /// - Parameter graph: The float graph for which the plan was made.
    /// - Throws: Errors of the data and of libtorch.
    func weights(of graph: Graph, plan: StaticQuantizationPlan, samples: Samples) throws -> Result {
        var result = Result()
        var layers = try layers(of: graph, plan)[...]
        while !layers.isEmpty {
            var chosen: [Layer] = []
            var bytes = 0
            while let layer = layers.first {
                let (count, inputs) = layer.blocks(largest: largestBlock)
                bytes += 4 * count * inputs * inputs
                guard chosen.isEmpty || bytes <= Self.memory else { break }
                chosen.append(layers.removeFirst())
            }
            let covariances = try covariances(of: chosen, in: graph, samples)
            for (layer, covariance) in zip(chosen, covariances) {
                let (weight, record) = try withoutGradients { try round(layer, covariance) }
                result.weights[layer.layout.weight] = weight
                result.records.append(record)
            }
        }
        return result
    }

    private func layers(of graph: Graph, _ plan: StaticQuantizationPlan) throws -> [Layer] {
        let scope = try QuantizationScope(graph)
        let parameters = plan.weightParameters
        return graph.nodes.values.compactMap { node in
            guard WeightLayout.operatorsWithBias.contains(node.operatorName), SingleLayer.hasPatches(node),
                let layout = WeightLayout(of: node, in: scope), let input = node.inputs[0],
                let weight = graph.constants[layout.weight], let parameters = parameters[graph[layout.weight].name]
            else { return nil }
            return Layer(node: node, layout: layout, input: input, weight: weight, parameters: parameters)
        }
    }

    private func covariances(
        of layers: [Layer], in graph: Graph, _ samples: Samples
    ) throws -> [PatchCovariance] {
        let covariances = layers.map {
            PatchCovariance(of: $0.node, $0.layout, weight: $0.weight.shape, largestBlock: largestBlock)
        }
        let network = try Network(graph, device: device)
        let taps = Array(Set(layers.map(\.input))).sorted { graph[$0].name < graph[$1].name }
        let size = TorchRuntime.batchSize(for: graph, observing: taps, within: Self.batchMemory)
        let count = max(samples.count, 1)
        try samples.forEachBatch(size) { inputs in
            try withoutGradients {
                let values = try network.forward([inputs], taps: taps).taps
                for (layer, covariance) in zip(layers, covariances) {
                    guard let value = values[layer.input] else { continue }
                    let patches = max(
                        Self.patches.least, Self.patches.perInput * layer.blocks(largest: largestBlock).inputs)
                    let share = (patches * inputs.shape[0] + count - 1) / count
                    try covariance.observe(value, limit: share)
                }
            }
        }
        return covariances
    }

    private func round(_ layer: Layer, _ covariance: PatchCovariance) throws -> (TensorData, LayerRounding.Record) {
        let grid = try IntegerGrid(layer.weight, as: layer.parameters, device: device)
        let (integers, before, after) = try ErrorCompensation.integers(
            of: grid, try covariance.damped(by: ErrorCompensation.damping), in: covariance.blocks)
        let record = LayerRounding.Record(
            node: layer.node.label, errorBefore: before, errorAfter: after,
            changedShare: try grid.shareNotNearest(integers))
        return (try grid.numbers(integers).data(), record)
    }
}
