import BantamGraph
import BantamModel

/// The weights in which a group's channels appear, slice by slice.
///
/// A channel's filter, and the slices of the weights that read it, are the group's members. Biases, and what only
/// scales a channel, say little of its worth and are left out.
/// Fang et al., *DepGraph: Towards Any Structural Pruning*, CVPR 2023, section 3.3.
struct ChannelSlices {
    let member: ChannelGroup.Member
    let channelCount: Int
    private let data: TensorData
    private let name: String

    /// The floating-point weights with two axes or more that make or read the channels.
    static func all(of group: ChannelGroup, in graph: Graph) -> [ChannelSlices] {
        (group.producers + group.consumers).compactMap { ChannelSlices($0, of: group, in: graph) }
    }

    /// The weights that make the channels.
    static func producers(of group: ChannelGroup, in graph: Graph) -> [ChannelSlices] {
        group.producers.compactMap { ChannelSlices($0, of: group, in: graph) }
    }

    private init?(_ member: ChannelGroup.Member, of group: ChannelGroup, in graph: Graph) {
        guard let data = graph.constants[member.value]?.converted(to: .float32), data.shape.rank >= 2 else {
            return nil
        }
        self.member = member
        self.data = data
        channelCount = group.channelCount
        name = graph[member.value].name
    }

    /// The sum of `magnitude` over the slice of each channel.
    ///
    /// - Throws: `notFinite`, naming the weight.
    func sums(_ magnitude: (Float) -> Double) throws(CompressionError) -> [Double] {
        let extent = data.shape[member.axis]
        let inner = data.shape.dimensions[(member.axis + 1)...].reduce(1, *)
        var sums = [Double](repeating: 0, count: extent)
        // Run by run: a division for each number would cost more than the sum.
        let elements = data.elements(of: Float.self)
        for (run, start) in stride(from: 0, to: elements.count, by: inner).enumerated() {
            var sum = 0.0
            for position in start..<start + inner { sum += magnitude(elements[position]) }
            sums[run % extent] += sum
        }
        let result = (0..<channelCount).map { channel in member.indices(of: channel).reduce(0) { $0 + sums[$1] } }
        guard result.allSatisfy(\.isFinite) else { throw .notFinite(weight: name) }
        return result
    }

    /// The numbers of each channel's slice, one row a channel.
    ///
    /// - Throws: `notFinite`, naming the weight.
    func rows() throws(CompressionError) -> [[Float]] {
        let extent = data.shape[member.axis]
        let inner = data.shape.dimensions[(member.axis + 1)...].reduce(1, *)
        let outer = data.elementCount / max(extent * inner, 1)
        let elements = data.elements(of: Float.self)
        let rows = (0..<channelCount).map { channel in
            member.indices(of: channel).flatMap { index in
                (0..<outer).flatMap { block in
                    let start = (block * extent + index) * inner
                    return elements[start..<start + inner]
                }
            }
        }
        guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw .notFinite(weight: name) }
        return rows
    }
}

extension [Double] {
    /// In units of their mean, so that a large layer does not outvote a small one.
    var relativeToMean: [Double] {
        let mean = reduce(0, +) / Double(Swift.max(count, 1))
        return mean > 0 ? map { $0 / mean } : self
    }
}
