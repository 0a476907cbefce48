public import BantamGraph
public import BantamModel

/// By how much the loss would change if the channel were gone, to first order: `|Σ w · ∂L/∂w|` over all of its weights,
/// averaged over batches. Unit: loss.
///
/// The sum runs over the whole group before its absolute value is taken, since the group goes as a whole.
/// Molchanov et al., *Importance Estimation for Neural Network Pruning*, CVPR 2019.
public struct TaylorExpansion: ImportanceCriterion {
    public static let name = "taylor"
    public static let evidence = EvidenceKind.loss
    // A change of the loss weighs the same wherever it comes from.
    public static let normalizer = ScoreNormalizer.none

    public init() {}

    /// - Throws: `missingGradients` without ``ImportanceEvidence/loss``.
    public func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
    {
        guard let loss = evidence.loss else { throw .missingGradients(criterion: Self.name) }
        return loss.changes(of: group).map { [$0.firstOrder] } ?? []
    }
}
