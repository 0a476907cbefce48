public import BantamGraph
public import BantamModel
import BantamNetwork
import BantamTensor
public import BantamTraining

/// Runs a model on libtorch, in float32: what its file says, to the letter, without a runtime's integer kernels.
public enum Simulation {
    /// Samples of a batch, where the model leaves it free and its answers do not depend on it.
    private static let usualBatch = 16

    /// Writes the model's scores of all samples to a file; of a model whose task is unspecified all numbers of its outputs.
    ///
    /// - Parameters:
    ///   - name: The model's, for errors.
    ///   - task: What the first output means.
    ///   - onBatch: Told the number of samples done after each batch.
    /// - Throws: `noScores` when an output has no entry for each sample; what ``ScoreFile`` throws; and what
    ///   reading samples and running the model throw.
    public static func scores(
        of graph: Graph, name: String, on data: TrainingData, task: TaskDescription, to path: String,
        onBatch: (Int) -> Void = { _ in }
    ) throws -> ScoreFile {
        let network = try Network(graph)
        let size = batchSize(of: graph)
        var samples = 0
        let classes = try ScoreFile.write(to: path, model: name) { append in
            try data.batches(size: size).forEachBatch(epoch: 0) { batch in
                let count = batch.indices.count
                let inputs = try filled(batch.inputs, to: graph.fixedBatchSize ?? count)
                let outputs = try withoutGradients { try network.forward([inputs]).outputs }
                let parts = try outputs.prefix(task == .unspecified ? outputs.count : 1).filter {
                    $0.dtype.isFloatingPoint
                }.map { output in
                    guard output.shape.dimensions.first == inputs.shape[0] else {
                        throw CompressionError.noScores(output.shape)
                    }
                    let numbers = try output.converted(to: .float32).data().elements(of: Float.self)
                    return (numbers: numbers, width: numbers.count / inputs.shape[0])
                }
                let rows = (0..<count).map { row in
                    parts.flatMap { part in
                        task.scores(of: part.numbers[row * part.width..<(row + 1) * part.width])
                    }
                }
                try append(rows.flatMap(\.self), rows[0].count)
                samples += count
                onBatch(samples)
            }
        }
        return try ScoreFile(path, classes: classes)
    }

    /// How many samples to run at once.
    ///
    /// One where ranges are found while the model runs: they are those of the whole batch, and a device has no batch.
    static func batchSize(of graph: Graph) -> Int {
        let isDynamic = graph.nodes.values.contains { $0.operatorName == "DynamicQuantizeLinear" }
        return graph.fixedBatchSize ?? (isDynamic ? 1 : usualBatch)
    }

    /// How many samples the model must be given at once, at the least.
    public static func smallestBatch(of graph: Graph) -> Int { graph.fixedBatchSize ?? 1 }

    /// A batch brought to the size that a model insists on, with zeros.
    private static func filled(_ inputs: Tensor, to count: Int) throws(TorchError) -> Tensor {
        var missing = inputs.shape
        missing[0] = count - missing[0]
        guard missing[0] > 0 else { return inputs }
        return try Tensor.concatenate([inputs, try Tensor.zeros(missing, inputs.dtype)])
    }
}
