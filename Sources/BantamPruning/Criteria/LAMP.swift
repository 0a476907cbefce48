public import BantamGraph
public import BantamModel

/// A channel's squared weights, relative to those of all channels of the layer that are no smaller.
///
/// The largest channel of every layer scores 1, so a global ranking never empties a layer, and layers need no tuning
/// against each other.
/// Lee et al., *Layer-Adaptive Sparsity for the Magnitude-Based Pruning*, ICLR 2021.
public struct LAMP: ImportanceCriterion {
    public static let name = "lamp"
    // The scores are fractions already.
    public static let normalizer = ScoreNormalizer.none

    public init() {}

    public func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
    {
        var rows: [[Double]] = []
        for slices in ChannelSlices.all(of: group, in: evidence.graph) {
            rows.append(Self.relativeToLarger(try slices.sums { Double($0) * Double($0) }))
        }
        return rows
    }

    private static func relativeToLarger(_ squares: [Double]) -> [Double] {
        var scores = squares
        var rest = 0.0
        // Equal channels see the same sum, whatever their order.
        let descending = squares.indices.sorted { squares[$0] > squares[$1] }
        var start = 0
        while start < descending.count {
            let square = squares[descending[start]]
            var end = start
            while end < descending.count, squares[descending[end]] == square { end += 1 }
            rest += square * Double(end - start)
            for index in descending[start..<end] { scores[index] = rest > 0 ? square / rest : 0 }
            start = end
        }
        return scores
    }
}
