public import BantamGraph
public import BantamNetwork
public import BantamTensor

/// `-log softmax(z)[label]`, averaged over the batch, with part of the target spread over all classes.
///
/// Szegedy et al., *Rethinking the Inception Architecture*, CVPR 2016, section 7.
public struct CrossEntropy: Objective {
    public var labelSmoothing: Double

    public init(labelSmoothing: Double = 0) {
        self.labelSmoothing = labelSmoothing
    }

    public func loss(of result: Network.Result, on batch: TrainingBatch) throws(TorchError) -> Tensor {
        try result.outputs[0].crossEntropy(with: batch.labels, labelSmoothing: labelSmoothing)
    }
}
