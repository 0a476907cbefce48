public import BantamTensor

/// How far a student's answers are from its teacher's.
///
/// To add one, write a file beside this one and a case of ``DistillationConfiguration/Loss``.
public protocol DistillationLoss: Sendable {
    /// - Parameters:
    ///   - student: Logits with a gradient, `[N, classes]`.
    ///   - teacher: Logits without, `[N, classes]`.
    ///   - labels: The true classes, int64 `[N]`; of a mixed input that of the sample which another is put into.
    /// - Returns: The mean over the batch, a scalar.
    func callAsFunction(student: Tensor, teacher: Tensor, labels: Tensor) throws(TorchError) -> Tensor
}
