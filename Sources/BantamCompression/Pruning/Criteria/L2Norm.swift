public import BantamGraph

/// The Euclidean norm of a channel's weights, over all layers that share the channel.
///
/// He et al., *Soft Filter Pruning*, IJCAI 2018.
public struct L2Norm: ImportanceCriterion {
    public static let name = "l2"

    public init() {}

    public func scores(of group: ChannelGroup, in graph: Graph) throws(CompressionError) -> [Double] {
        try GroupNorm.scores(of: group, in: graph, magnitude: { Double($0) * Double($0) }, norm: { $0.squareRoot() })
    }
}
