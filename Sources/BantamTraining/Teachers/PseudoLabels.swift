import BantamGraph
public import BantamModel
public import BantamNetwork
public import BantamTensor

/// Cross-entropy with the class that a model itself finds likeliest: for criteria that look at the loss, on data without
/// labels.
///
/// The divergence from the model's own answers would not do: it is zero where it starts, and its gradient too.
/// Lee, *Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep Neural Networks*, ICML
/// workshop 2013.
public struct PseudoLabels: Objective {
    public let teacher: any Teacher
    private let task: TaskDescription?

    /// - Parameters:
    ///   - teacher: The model before it was pruned.
    ///   - task: What the first output means; `nil` for logits, `[N, classes]`.
    public init(of teacher: any Teacher, task: TaskDescription? = nil) {
        self.teacher = teacher
        self.task = task
    }

    public func loss(of result: Network.Result, on batch: TrainingBatch) throws -> Tensor {
        let logits = try task?.logits(of: result.outputs[0]) ?? result.outputs[0]
        return try logits.crossEntropy(with: try teacher.answers(to: batch).argmax(axis: 1))
    }
}
