public import BantamGraph

// Reductions, and the functions of a classifier's output.

extension Tensor {
    /// - Parameter axes: Those to reduce; all when left out.
    public func sum(axes: [Int]? = nil, keepingAxes: Bool = false) throws(TorchError) -> Tensor {
        try ATen.sum.tensor(.tensor(self), axes.map(ATenValue.ints) ?? .none, .bool(keepingAxes))
    }

    /// - Parameter axes: Those to reduce; all when left out.
    public func mean(axes: [Int]? = nil, keepingAxes: Bool = false) throws(TorchError) -> Tensor {
        try ATen.mean.tensor(.tensor(self), axes.map(ATenValue.ints) ?? .none, .bool(keepingAxes))
    }

    /// The largest element.
    public func maximum() throws(TorchError) -> Tensor { try ATen.maximum.tensor(.tensor(self)) }

    /// The index of the largest element along an axis, int64.
    public func argmax(axis: Int, keepingAxis: Bool = false) throws(TorchError) -> Tensor {
        try ATen.argmax.tensor(.tensor(self), .int(axis), .bool(keepingAxis))
    }

    public func softmax(axis: Int) throws(TorchError) -> Tensor {
        try ATen.softmax.tensor(.tensor(self), .int(axis))
    }

    public func logSoftmax(axis: Int) throws(TorchError) -> Tensor {
        try ATen.logSoftmax.tensor(.tensor(self), .int(axis))
    }

    /// The mean cross-entropy of logits `[N, C, ...]`, in nats.
    ///
    /// - Parameters:
    ///   - labels: Class indices `[N, ...]`, int64, or probabilities of this tensor's shape.
    ///   - labelSmoothing: The share of the label's weight that is spread evenly over all classes, in 0...1.
    ///     Szegedy et al., *Rethinking the Inception Architecture for Computer Vision*, CVPR 2016.
    ///   - weights: What the samples of each class count, float32 `[classes]`; `nil` for all alike.
    public func crossEntropy(
        with labels: Tensor, labelSmoothing: Double = 0, weights: Tensor? = nil
    ) throws(TorchError) -> Tensor {
        try ATen.crossEntropy.tensor(
            .tensor(self), .tensor(labels), weights.map { .tensor($0) } ?? nil, .int(1), .int(-100),
            .double(labelSmoothing))
    }
}
