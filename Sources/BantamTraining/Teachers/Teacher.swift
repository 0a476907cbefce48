public import BantamTensor

/// A frozen model whose answers a student learns.
public protocol Teacher {
    /// Logits of shape `[N, classes]`, one row for each sample of the batch.
    func answers(to batch: TrainingBatch) throws -> Tensor
}

extension TeacherLogits: Teacher {
    /// What was stored for the batch's samples, whatever became of them since.
    public func answers(to batch: TrainingBatch) throws -> Tensor {
        try rows(batch.indices).moved(to: batch.inputs.device)
    }
}
