public import BantamMedia
import BantamTensor

/// The batches of a data set as tensors.
public struct DatasetBatches: BatchSource {
    public let loader: BatchLoader
    private let positions: [Int]?

    init(_ loader: BatchLoader, positions: [Int]?) {
        self.loader = loader
        self.positions = positions
    }

    public var batchCount: Int { loader.batchesPerEpoch }
    public var isLabelled: Bool { loader.dataset.isLabelled }

    public func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
        let batches = loader.batches(epoch: epoch)
        while let batch = try batches.next() {
            let indices = positions.map { positions in batch.indices.map { positions[$0] } } ?? batch.indices
            try body(
                TrainingBatch(
                    inputs: try Tensor(batch.inputs), labels: try Tensor(batch.labels),
                    mixture: try batch.mixture.map { (try Tensor($0.labels), try Tensor($0.shares)) },
                    indices: indices, view: batch.view))
        }
    }
}
