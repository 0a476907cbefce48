public import BantamGraph
import BantamModel
public import BantamNetwork
public import BantamTensor

/// Measures anew what BatchNorm layers expect, after training or pruning has changed what reaches them.
///
/// Each batch is normalized by its own statistics, as in training; those of all batches are averaged and stored.
/// Weights stay as they are.
///
/// Li et al., *EagleEye: Fast Sub-net Evaluation for Efficient Neural Network Pruning*, ECCV 2020.
public enum NormRecalibration {
    /// - Parameters:
    ///   - source: Some thousand samples, unaugmented, in batches of one size; labels are not looked at.
    ///   - observe: Is shown what the model makes of each batch with the batch's own statistics.
    /// - Returns: The graph with new statistics; itself where it has no BatchNorm.
    /// - Throws: `noCalibrationData` without a batch; errors of the data and of libtorch.
    public static func recalibrated(
        _ graph: Graph, on source: any BatchSource, device: Device = .cpu, taps: [ValueID] = [],
        observe: (Network.Result, TrainingBatch) throws -> Void = { _, _ in }
    ) throws -> Graph {
        guard !graph.statistics.isEmpty else { return graph }
        var measuring = graph
        for node in graph.nodes.values {
            switch node.operatorName {
            case "BatchNormalization":
                // The statistics after a batch are then those of the batch.
                measuring.updateNode(node.id) { $0.attributes["momentum"] = .float(0) }
            case "Dropout":
                if let input = node.inputs[0], let output = node.outputs[0], !graph.outputs.contains(output) {
                    measuring.replaceUses(of: output, with: input)
                }
            default: break
            }
        }
        let network = try Network(measuring, device: device)
        var sums: [ValueID: [Double]] = [:]
        var batchCount = 0
        try source.forEachBatch(epoch: 0) { batch in
            let batch = try batch.moved(to: device)
            try withoutGradients {
                try observe(try network.forward([batch.inputs], mode: .training, taps: taps), batch)
            }
            for value in graph.statistics {
                guard let tensor = network.tensor(of: value) else { continue }
                let numbers = try tensor.data().elements(of: Float.self)
                sums[value] = zip(sums[value] ?? Array(repeating: 0, count: numbers.count), numbers)
                    .map { $0 + Double($1) }
            }
            batchCount += 1
        }
        guard batchCount > 0 else { throw CompressionError.noTrainingData }
        var result = graph
        for (value, sums) in sums {
            guard let shape = graph.constants[value]?.shape else { continue }
            result.setConstant(value, to: TensorData(shape, sums.map { Float($0 / Double(batchCount)) }))
        }
        return result
    }
}

extension Graph {
    /// The model as it is trained: BatchNorm's running statistics follow the weights within half an epoch.
    ///
    /// Published models average over a hundred steps (momentum 0.99 and more), and a short training has no more than
    /// that: their statistics would be those of weights that are long gone.
    ///
    /// - Parameter stepsPerEpoch: Steps of the training's epochs.
    public func withRunningStatistics(over stepsPerEpoch: Int) -> Graph {
        let steps = min(max(Double(stepsPerEpoch) / 2, Self.fewestAveraged), Self.mostAveraged)
        let momentum = Float(1 - 1 / steps)
        var graph = self
        for node in nodes.values where node.operatorName == "BatchNormalization" {
            let own: Float = if case .float(let value) = node.attributes["momentum"] { value } else { 0.9 }
            if own > momentum { graph.updateNode(node.id) { $0.attributes["momentum"] = .float(momentum) } }
        }
        return graph
    }

    private static let fewestAveraged = 4.0
    private static let mostAveraged = 100.0

    /// The graph with the learned constants and statistics of another of the same structure.
    public func takingWeights(of trained: Graph) -> Graph {
        var graph = self
        for value in parameters + statistics {
            if let data = trained.constants[value] { graph.setConstant(value, to: data) }
        }
        return graph
    }
}
