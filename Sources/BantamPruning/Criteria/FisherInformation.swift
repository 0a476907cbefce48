public import BantamGraph
public import BantamModel

/// By how much the loss would change if the channel were gone, to second order: `½ Σ w² · (∂L/∂w)²`, averaged over
/// batches. Unit: loss.
///
/// The squared gradient is the diagonal of the empirical Fisher information, which stands for that of the Hessian at a
/// minimum.
/// LeCun et al., *Optimal Brain Damage*, NIPS 1989; Theis et al., *Faster Gaze Prediction with Dense Networks and
/// Fisher Pruning*, 2018.
public struct FisherInformation: ImportanceCriterion {
    public static let name = "fisher"
    public static let evidence = EvidenceKind.loss
    public static let normalizer = ScoreNormalizer.none

    public init() {}

    /// - Throws: `missingGradients` without ``ImportanceEvidence/loss``.
    public func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
    {
        guard let loss = evidence.loss else { throw .missingGradients(criterion: Self.name) }
        return loss.changes(of: group).map { [$0.secondOrder] } ?? []
    }
}
