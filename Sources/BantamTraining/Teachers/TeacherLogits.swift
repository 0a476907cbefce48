public import BantamGraph
public import BantamTensor

/// What a frozen teacher answers to each sample of a data set, computed once.
///
/// Every epoch asks the same questions of a teacher that does not change, so its answers are stored instead of
/// computed again: 40 bytes a sample for ten classes. The teacher may run on any runtime.
///
/// Only valid where the student sees the samples unaugmented.
public struct TeacherLogits {
    /// `[samples, classes]`
    public let logits: Tensor
    /// Where the answer to each sample lies; `nil` when it is at the sample's own position.
    private let rowOfSample: [Int: Int]?

    /// - Parameters:
    ///   - logits: float32 `[samples, classes]`.
    ///   - samples: The position in the whole data set of each row's sample; by default the rows are in its order.
    public init(_ logits: Tensor, samples: [Int]? = nil) {
        precondition(logits.rank == 2, "logits of shape \(logits.shape)")
        precondition(samples.map { $0.count == logits.shape[0] } ?? true, "samples for logits of \(logits.shape)")
        self.logits = logits
        rowOfSample = samples.map { samples in
            Dictionary(zip(samples, samples.indices), uniquingKeysWith: { first, _ in first })
        }
    }

    /// Asks a teacher about every sample.
    ///
    /// - Parameters:
    ///   - data: The samples as the teacher takes them.
    ///   - observe: Is told the share that is done, 0...1.
    public init(
        of teacher: any LiveTeacher, on data: TrainingData, observe: (Double) throws -> Void = { _ in }
    ) throws {
        let batches = try data.batches(size: 256)
        var rows: [Tensor] = []
        var samples: [Int] = []
        try batches.forEachBatch(epoch: 0) { batch in
            rows.append(try teacher.answers(to: batch.moved(to: teacher.device)))
            samples += batch.indices
            try observe(Double(rows.count) / Double(batches.batchCount))
        }
        self.init(try Tensor.concatenate(rows), samples: samples)
    }

    /// The rows of these samples, `[indices, classes]`.
    ///
    /// - Parameter indices: Positions in the whole data set, as `TrainingBatch` has them.
    /// - Precondition: the teacher was asked about each of them.
    public func rows(_ indices: [Int]) throws(TorchError) -> Tensor {
        try logits.selecting(indices.map(row), axis: 0)
    }

    private func row(of sample: Int) -> Int {
        guard let rowOfSample else { return sample }
        guard let row = rowOfSample[sample] else { preconditionFailure("no answer to sample \(sample) is stored") }
        return row
    }
}
