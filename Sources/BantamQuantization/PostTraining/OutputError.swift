public import BantamGraph
import BantamModel
import BantamNetwork
public import BantamTensor
public import BantamTraining

/// How much the outputs of changed models differ from those of the model they were made from, on the same samples.
public struct OutputError {
    private let data: TrainingData
    private let batchSize: Int
    private let device: Device
    /// The original's outputs, batch by batch.
    private var references: [[Tensor]] = []

    /// Runs the original.
    ///
    /// - Throws: Errors of the data and of libtorch.
    public init(of graph: Graph, on data: TrainingData, device: Device = .cpu) throws {
        self.data = data
        self.device = device
        batchSize = CalibrationPass.batchSize(for: graph, observing: [])
        references = try Self.outputs(of: graph, on: data, batchSize: batchSize, device: device)
    }

    private static let most = 200.0

    /// The ratio of the original's outputs to their difference, in dB: 20 is a difference of a tenth.
    ///
    /// - Returns: The mean over the outputs; at most 200, which stands for no difference.
    /// - Throws: `notFinite`, naming an output that holds NaN or infinity; errors of the data and of libtorch.
    public func signalToNoise(of graph: Graph) throws -> Double {
        let outputs = try Self.outputs(of: graph, on: data, batchSize: batchSize, device: device)
        var ratios = graph.outputs.map { (output: graph[$0].name, ratio: SignalToNoise()) }
        for (batch, reference) in zip(outputs, references) {
            for index in ratios.indices {
                try ratios[index].ratio.observe(batch[index], reference: reference[index], of: ratios[index].output)
            }
        }
        let decibels = ratios.map { min($0.ratio.decibels ?? Self.most, Self.most) }
        return decibels.isEmpty ? 0 : decibels.reduce(0, +) / Double(decibels.count)
    }

    private static func outputs(
        of graph: Graph, on data: TrainingData, batchSize: Int, device: Device
    ) throws -> [[Tensor]] {
        let network = try Network(graph, device: device)
        var outputs: [[Tensor]] = []
        try data.batches(size: batchSize).forEachBatch(epoch: 0) { batch in
            let inputs = try batch.moved(to: device).inputs.fitting(graph)
            outputs.append(try withoutGradients { try network.forward([inputs]).outputs })
        }
        return outputs
    }
}
