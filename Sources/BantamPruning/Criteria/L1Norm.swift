public import BantamGraph
public import BantamModel

/// The sum of a channel's absolute weights, in every layer that shares the channel.
///
/// Li et al., *Pruning Filters for Efficient ConvNets*, ICLR 2017.
public struct L1Norm: ImportanceCriterion {
    public static let name = "l1"

    public init() {}

    public func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
    {
        var rows: [[Double]] = []
        for slices in ChannelSlices.all(of: group, in: evidence.graph) {
            rows.append(try slices.sums { Double(abs($0)) }.relativeToMean)
        }
        return rows
    }
}
