public import BantamGraph
import BantamModel
import BantamNetwork
public import BantamTensor
public import BantamTraining

/// Measures anew what BatchNorm layers expect, after pruning has changed what reaches them.
///
/// Each batch is normalized by its own statistics, as in training; those of all batches are averaged and stored.
/// Weights stay as they are.
///
/// Li et al., *EagleEye: Fast Sub-net Evaluation for Efficient Neural Network Pruning*, ECCV 2020.
public enum NormRecalibration {
    /// - Parameters:
    ///   - source: Some thousand samples; labels are not looked at.
    ///   - observe: Is told the fraction that is done, 0...1.
    /// - Returns: The graph with new statistics; itself where it has no BatchNorm.
    /// - Throws: `noCalibrationData` without a batch; errors of the data and of libtorch.
    public static func recalibrated(
        _ graph: Graph, on source: some BatchSource, device: Device = .cpu,
        observe: (Double) throws -> Void = { _ in }
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
            let inputs = try batch.moved(to: device).inputs
            _ = try withoutGradients { try network.forward([inputs], mode: .training) }
            for value in graph.statistics {
                guard let tensor = network.tensor(of: value) else { continue }
                let numbers = try tensor.data().elements(of: Float.self)
                sums[value] = zip(sums[value] ?? Array(repeating: 0, count: numbers.count), numbers)
                    .map { $0 + Double($1) }
            }
            batchCount += 1
            try observe(Double(batchCount) / Double(max(source.batchCount, 1)))
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
