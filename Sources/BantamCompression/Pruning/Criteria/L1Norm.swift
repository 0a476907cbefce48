public import BantamGraph

/// The sum of a channel's absolute weights, over all layers that share the channel.
///
/// Li et al., *Pruning Filters for Efficient ConvNets*, ICLR 2017.
public struct L1Norm: ImportanceCriterion {
    public static let name = "l1"

    public init() {}

    public func scores(of group: ChannelGroup, in graph: Graph) throws(CompressionError) -> [Double] {
        try GroupNorm.scores(of: group, in: graph, magnitude: { Double(abs($0)) }, norm: { $0 })
    }
}
