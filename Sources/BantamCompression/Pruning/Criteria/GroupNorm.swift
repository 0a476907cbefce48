import BantamGraph

/// Adds up a function of the weights over everything that a channel appears in.
///
/// A channel's filter, and the slices of the weights that read it, are the group's members. Each member's sums are
/// divided by their mean before they are averaged, so that a large layer does not outvote a small one.
/// Fang et al., *DepGraph: Towards Any Structural Pruning*, CVPR 2023, section 3.3.
enum GroupNorm {
    /// - Parameters:
    ///   - magnitude: What one weight contributes.
    ///   - norm: Applied to a slice's sum.
    static func scores(
        of group: ChannelGroup, in graph: Graph, magnitude: (Float) -> Double, norm: (Double) -> Double
    ) throws(CompressionError) -> [Double] {
        var scores = [Double](repeating: 0, count: group.channelCount)
        var memberCount = 0
        for member in group.producers + group.consumers {
            guard let data = graph.constants[member.value], data.dtype == .float32, data.shape.rank >= 2 else {
                continue
            }
            let sums = sliceSums(of: data, along: member, channelCount: group.channelCount, magnitude).map(norm)
            let mean = sums.reduce(0, +) / Double(sums.count)
            guard mean.isFinite else { throw .notFinite(weight: graph[member.value].name) }
            memberCount += 1
            guard mean > 0 else { continue }
            for channel in scores.indices { scores[channel] += sums[channel] / mean }
        }
        return memberCount == 0 ? scores : scores.map { $0 / Double(memberCount) }
    }

    /// The sum of `magnitude` over the slice of each channel.
    private static func sliceSums(
        of data: TensorData, along member: ChannelGroup.Member, channelCount: Int, _ magnitude: (Float) -> Double
    ) -> [Double] {
        let extent = data.shape[member.axis]
        let inner = data.shape.dimensions[(member.axis + 1)...].reduce(1, *)
        var sums = [Double](repeating: 0, count: extent)
        for (position, weight) in data.elements(of: Float.self).enumerated() {
            sums[position / inner % extent] += magnitude(weight)
        }
        return (0..<channelCount).map { channel in member.indices(of: channel).reduce(0) { $0 + sums[$1] } }
    }
}
