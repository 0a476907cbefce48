public import BantamGraph
public import BantamModel
public import BantamTensor

extension TaskDescription {
    /// Smaller probabilities count as this, so that their logarithm is finite.
    private static let leastProbability = 1e-7

    /// The logits of a classifier's first output, whatever form its scores have: for losses and predictions.
    ///
    /// Logits that come from probabilities are theirs up to a constant for each sample, which neither changes.
    ///
    /// - Parameter output: `[N, classes]`, `[N, classes, 1, ...]`, `[N, 1]` or `[N]`.
    /// - Returns: float32 `[N, classes]`; two classes for a binary task.
    /// - Precondition: the task is not `unspecified`.
    public func logits(of output: Tensor) throws(TorchError) -> Tensor {
        let output = try output.converted(to: .float32)
        switch self {
        case .classification(let classes, let scores):
            let rows = try output.reshaped(to: [-1, classes])
            return scores == .logits ? rows : try rows.logarithm(atLeast: Self.leastProbability)
        case .binary(let scores):
            let score = try output.reshaped(to: [-1, 1])
            guard scores == .probabilities else {
                return try Tensor.concatenate([try score.multiplied(by: 0), score], axis: 1)
            }
            let other = try score.multiplied(by: -1).adding(1)
            return try Tensor.concatenate([other, score], axis: 1).logarithm(atLeast: Self.leastProbability)
        case .unspecified:
            preconditionFailure("a model without classes has no logits")
        }
    }
}

extension Tensor {
    private static let clampMinimum = ATenOperation("aten::clamp_min")
    private static let log = ATenOperation("aten::log")

    fileprivate func logarithm(atLeast least: Double) throws(TorchError) -> Tensor {
        try Self.log.tensor(.tensor(try Self.clampMinimum.tensor(.tensor(self), .double(least))))
    }
}
