public import BantamTensor

/// `½ · strength · progress · norm²` on the channels that are to go: a weight decay that grows from nothing, slowly
/// enough for the others to take over what they did.
///
/// The paper's factor rises by 1e-4 every few steps up to 1; here it rises at every step, so as to come to `strength` at
/// the end of the training.
/// Wang et al., *Neural Pruning via Growing Regularization*, ICLR 2021 (GReg-1).
public struct GrowingRegularization: SparsityRegularizer {
    public static let name = "growing-regularization"
    public static let usualStrength = 1.0
    public static let penalizesChosenChannels = true

    private let strength: Double

    public init(strength: Double) {
        self.strength = strength
    }

    public func penalties(norms: Tensor, sizes: Tensor, progress: Double) throws(TorchError) -> Tensor {
        try norms.multiplied(by: norms).multiplied(by: strength * progress / 2)
    }

    public func factors(norms: Tensor, sizes: Tensor, progress: Double) throws(TorchError) -> Tensor {
        try Tensor.full(norms.shape, with: strength * progress, norms.dtype, device: norms.device)
    }
}
