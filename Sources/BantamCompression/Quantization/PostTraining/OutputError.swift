public import BantamGraph
import BantamNetwork
public import BantamTensor
public import BantamTraining

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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

    /// The ratio of the original's outputs to their difference, in dB: 20 is a difference of a tenth.
    ///
    /// - Returns: The mean over the outputs; at most 200, which stands for no difference.
    public func signalToNoise(of graph: Graph) throws -> Double {
        let outputs = try Self.outputs(of: graph, on: data, batchSize: batchSize, device: device)
        let count = references.first?.count ?? 0
        var signal = [Double](repeating: 0, count: count)
        var noise = signal
        for (batch, reference) in zip(outputs, references) {
            for index in 0..<count {
                let difference = try batch[index].subtracting(reference[index])
                noise[index] += try difference.multiplied(by: difference).sum().item()
                signal[index] += try reference[index].multiplied(by: reference[index]).sum().item()
            }
        }
        let ratios = zip(signal, noise).map { signal, noise in
            min(10 * log10(max(signal, .leastNormalMagnitude) / max(noise, .leastNormalMagnitude)), 200)
        }
        return ratios.isEmpty ? 0 : ratios.reduce(0, +) / Double(ratios.count)
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
