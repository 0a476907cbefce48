public import BantamGraph
public import BantamModel

/// The Euclidean norm of a channel's weights, in every layer that shares the channel.
///
/// He et al., *Soft Filter Pruning*, IJCAI 2018.
public struct L2Norm: ImportanceCriterion {
    public static let name = "l2"

    public init() {}

    public func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
    {
        var rows: [[Double]] = []
        for slices in ChannelSlices.all(of: group, in: evidence.graph) {
            rows.append(try slices.sums { Double($0) * Double($0) }.map { $0.squareRoot() }.relativeToMean)
        }
        return rows
    }
}
