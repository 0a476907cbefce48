public import BantamGraph
public import BantamModel
public import BantamNetwork
public import BantamTensor

/// `-log softmax(z)[label]`, averaged over the batch, with part of the target spread over all classes. Of a mixed input the
/// two labels count by their samples' shares.
///
/// Szegedy et al., *Rethinking the Inception Architecture*, CVPR 2016, section 7.
public struct CrossEntropy: Objective {
    public var labelSmoothing: Double
    /// What the first output means; `nil` for logits, `[N, classes]`.
    public var task: TaskDescription?
    /// What the samples of each class count, float32 `[classes]`; `nil` for all alike.
    public var classWeights: Tensor?

    public init(labelSmoothing: Double = 0, task: TaskDescription? = nil, classWeights: Tensor? = nil) {
        self.labelSmoothing = labelSmoothing
        self.task = task
        self.classWeights = classWeights
    }

    public func loss(of result: Network.Result, on batch: TrainingBatch) throws(TorchError) -> Tensor {
        let logits = try task?.logits(of: result.outputs[0]) ?? result.outputs[0]
        guard let mixture = batch.mixture else {
            return try logits.crossEntropy(
                with: batch.labels, labelSmoothing: labelSmoothing, weights: classWeights)
        }
        func oneHot(_ labels: Tensor) throws(TorchError) -> Tensor {
            try ATenOperation("aten::one_hot").tensor(.tensor(labels), .int(logits.shape[1])).converted(to: .float32)
        }
        let own = try oneHot(batch.labels)  // [N, classes]
        let difference = try oneHot(mixture.labels).subtracting(own)
        let shares = try mixture.shares.reshaped(to: [-1, 1])  // [N, 1]
        let target = try own.adding(try difference.multiplied(by: shares))
        return try logits.crossEntropy(with: target, labelSmoothing: labelSmoothing, weights: classWeights)
    }
}
