public import BantamGraph
public import BantamModel

/// What the layers that read a channel lose with it, when their weights are fitted to the channels that stay. Unit: shares
/// of the mean square of their results.
///
/// A channel that others can stand in for costs little, however large its weights are. It is to be used with
/// ``Reconstruction``, which does the fitting. Channels of different layers compete by what they cost and by what they
/// bring: a layer's error is weighed against the work that its channel saves.
/// He, Zhang and Sun, *Channel Pruning for Accelerating Very Deep Neural Networks*, ICCV 2017; the choice is that of
/// ``ReconstructionEvidence``.
public struct ReconstructionError: ImportanceCriterion {
    public static let name = "reconstruction"
    public static let evidence = EvidenceKind.reconstruction
    // An error weighs the same wherever it comes from.
    public static let normalizer = ScoreNormalizer.none
    public static let weighsSavings = true

    public init() {}

    /// - Throws: `missingGradients` without ``ImportanceEvidence/reconstruction``.
    public func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
    {
        guard let reconstruction = evidence.reconstruction else { throw .missingGradients(criterion: Self.name) }
        let rows = reconstruction.errors(of: group)
        guard let first = rows.first else { return [] }
        // Errors of several layers add up.
        return [first.indices.map { channel in rows.reduce(0) { $0 + $1[channel] } }]
    }
}
