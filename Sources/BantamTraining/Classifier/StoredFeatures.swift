import BantamGraph
import BantamNetwork
import BantamTensor

/// What a network's classifier reads of each sample, kept in memory: going through them costs next to nothing.
struct StoredFeatures: BatchSource {
    /// `[N, ...]`
    private let features: Tensor
    /// int64 `[N]`
    private let labels: Tensor
    private let batchSize: Int
    /// `nil` for batches in the order of the samples, to the last; else they are shuffled, and what fills none is left.
    private let seed: UInt64?

    /// Runs the network in inference mode.
    init(
        of value: ValueID, in network: Network, on source: some BatchSource, batchSize: Int, seed: UInt64? = nil
    ) throws {
        var pieces: [(features: Tensor, labels: Tensor)] = []
        try source.forEachBatch(epoch: 0) { batch in
            let batch = try batch.moved(to: network.device)
            try withoutGradients {
                guard let features = try network.forward(anyBatch: batch.inputs, taps: [value]).taps[value] else {
                    return
                }
                pieces.append((try features.converted(to: .float32), batch.labels))
            }
        }
        guard !pieces.isEmpty else { throw TrainingError.noData }
        features = try Tensor.concatenate(pieces.map(\.features))
        labels = try Tensor.concatenate(pieces.map(\.labels))
        self.batchSize = min(batchSize, features.shape[0])
        self.seed = seed
    }

    /// How many samples there are.
    var count: Int { labels.shape[0] }
    /// Of all samples.
    var shape: Shape { features.shape }
    var batchCount: Int { seed == nil ? (count + batchSize - 1) / batchSize : count / batchSize }

    func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
        var order = Array(0..<count)
        if let seed {
            var random = SeededGenerator(seed: seed).stream("features of epoch \(epoch)")
            order = random.permutation(count: count)
        }
        for start in 0..<batchCount {
            let positions = Array(order[(start * batchSize)..<min((start + 1) * batchSize, count)])
            try body(
                TrainingBatch(
                    inputs: try features.selecting(positions, axis: 0),
                    labels: try labels.selecting(positions, axis: 0),
                    indices: positions))
        }
    }
}
