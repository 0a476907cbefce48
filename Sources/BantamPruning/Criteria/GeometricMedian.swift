public import BantamGraph
public import BantamModel

/// How far a channel's filter lies from all others of its layer: one near their geometric median can be replaced by
/// them, however large it is.
///
/// He et al., *Filter Pruning via Geometric Median for Deep Convolutional Neural Networks Acceleration*, CVPR 2019.
///
/// - Complexity: O(channels² · weights of a filter).
public struct GeometricMedian: ImportanceCriterion {
    public static let name = "fpgm"

    public init() {}

    public func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
    {
        var rows: [[Double]] = []
        for slices in ChannelSlices.producers(of: group, in: evidence.graph) {
            rows.append(Self.distances(between: try slices.rows()).relativeToMean)
        }
        return rows
    }

    /// The sum of each filter's distances to all others.
    private static func distances(between filters: [[Float]]) -> [Double] {
        var sums = [Double](repeating: 0, count: filters.count)
        for first in filters.indices {
            for second in filters.indices where second > first {
                let distance = distance(filters[first], filters[second])
                sums[first] += distance
                sums[second] += distance
            }
        }
        return sums
    }

    private static func distance(_ left: [Float], _ right: [Float]) -> Double {
        var sum: Float = 0
        for index in left.indices {
            let difference = left[index] - right[index]
            sum += difference * difference
        }
        return Double(sum).squareRoot()
    }
}
