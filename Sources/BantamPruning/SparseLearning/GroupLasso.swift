public import BantamTensor

/// `strength · √size · norm`: pulls at every weight of a channel together, and as hard at a small channel as at a large
/// one, so that those that training does not hold go to zero as a whole.
///
/// The root of the size makes the pull on a single weight the same in every layer: `strength`, on average.
/// Wen et al., *Learning Structured Sparsity in Deep Neural Networks*, NeurIPS 2016; over coupled layers as in Fang et
/// al., *DepGraph: Towards Any Structural Pruning*, CVPR 2023.
public struct GroupLasso: SparsityRegularizer {
    public static let name = "group-lasso"
    public static let usualStrength = 1e-4
    public static let penalizesChosenChannels = false

    private let strength: Double

    private static let atLeast = ATenOperation("aten::clamp_min")
    /// A norm below this counts as zero, where the penalty has no gradient.
    private static let smallestNorm = 1e-8

    public init(strength: Double) {
        self.strength = strength
    }

    public func penalties(norms: Tensor, sizes: Tensor, progress: Double) throws(TorchError) -> Tensor {
        try sizes.squareRoot().multiplied(by: norms).multiplied(by: strength)
    }

    public func factors(norms: Tensor, sizes: Tensor, progress: Double) throws(TorchError) -> Tensor {
        let divisors = try Self.atLeast.tensor(.tensor(norms), .double(Self.smallestNorm))
        return try sizes.squareRoot().divided(by: divisors).multiplied(by: strength)
    }
}
