import BantamGraph
import BantamModel

// Texts of `CompressionError`.

extension CodedError<CompressionErrorCode> {
    static func invalidSparsity(_ sparsity: Double) -> Self {
        Self(.invalidTarget, "A sparsity of \(sparsity) has no meaning; it must be at least 0 and less than 1.")
    }

    static func sparsity(_ sparsity: Double, beyond pattern: SparsityPattern) -> Self {
        Self(
            .invalidTarget,
            "A sparsity of \(sparsity) does not fit the pattern \(pattern), which leaves \(pattern.kept) of each "
                + "\(pattern.block) weights; give at most \(pattern.sparsity), or no pattern.")
    }

    static func invalidStrength(_ strength: Double) -> Self {
        Self(
            .invalidTarget,
            "A penalty of strength \(strength) has no meaning; it must be more than 0, and \(GroupLasso.name) usually takes "
                + "\(GroupLasso.usualStrength).")
    }

    static func invalidSparseEpochs(_ epochs: Int) -> Self {
        Self(.invalidTarget, "Sparse learning for \(epochs) epochs has no meaning; there must be at least 1.")
    }

    static func invalidMultiple(_ multiple: Int) -> Self {
        Self(.invalidTarget, "A multiple of \(multiple) channels has no meaning; it must be from 1 to 4096.")
    }

    static func invalidCut(_ fraction: Double) -> Self {
        Self(
            .invalidTarget,
            "A largest cut of \(fraction) of a group's channels has no meaning; it must be from 0 to 1.")
    }

    static func unknownLayer(_ pattern: String) -> Self {
        Self(
            .unknownName,
            "The model has no layer or weight \(pattern) to protect; `bantam inspect --graph` lists them, and * stands for "
                + "any part of a name.")
    }

    /// - Parameter reliefs: What could be reached without one of the limits, and which.
    static func unreachable(
        _ quantity: PruningTarget.Quantity, most: Double, reachable: Double, before: Double, reliefs: [String]
    ) -> Self {
        let advice =
            reliefs.isEmpty
            ? "raise the target, as all channels that can go are gone then."
            : "raise the target, or loosen what binds: it could reach \(reliefs.joined(separator: ", "))."
        return Self(
            .unreachableTarget,
            "The model has \(number(before)) \(quantity.noun) and cannot be pruned to \(number(most)): with the fewest "
                + "channels allowed it still has \(number(reachable)); \(advice)")
    }

    static func notFiniteLoss(of name: String) -> Self {
        Self(
            .notFinite,
            "The loss of \(name) or its gradient holds NaN or infinity; check the model's weights and the preprocessing "
                + "of its input.")
    }

    static func invalidSensitivity(fraction: Double) -> Self {
        Self(
            .invalidTarget,
            "To remove \(fraction) of a group's channels has no meaning; fractions must be more than 0 and less than 1."
        )
    }

    static var noFractions: Self {
        Self(.invalidTarget, "There is no fraction of channels to remove; give at least one.")
    }

    static func invalidTolerance(_ tolerance: Double) -> Self {
        Self(.invalidTarget, "A tolerance of \(tolerance) has no meaning; it must be from 0 to 1.")
    }

    /// - Parameter exceptions: The weights that stay as they are, and why.
    static func nothingToPrune(_ exceptions: [String]) -> Self {
        guard exceptions.isEmpty else {
            return Self(.nothingToCompress, "No weight of the model can be pruned: \(shortened(exceptions))")
        }
        return Self(
            .nothingToCompress, "The model has no float32 weights with two axes or more, so there is nothing to prune.")
    }

    static func noPrunableGroup(_ obstacles: [String]) -> Self {
        Self(.nothingToCompress, "No channel of the model can be removed: \(shortened(obstacles))")
    }
}
