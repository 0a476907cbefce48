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

    private static let indexSelect = ATenOperation("aten::index_select")

    /// - Parameter logits: float32 `[samples, classes]`, in the data set's order.
    public init(_ logits: Tensor) {
        precondition(logits.rank == 2, "logits of shape \(logits.shape)")
        self.logits = logits
    }

    /// The rows of these samples, `[indices, classes]`.
    public func rows(_ indices: [Int]) throws(TorchError) -> Tensor {
        let positions = try Tensor(TensorData([indices.count], indices.map(Int64.init)), device: logits.device)
        return try Self.indexSelect.tensor(.tensor(logits), 0, .tensor(positions))
    }
}
