public import BantamGraph
public import BantamModel

/// The absolute scale that the batch normalization behind a channel gives it: next to nothing where training with a
/// penalty on the scales found the channel of no use.
///
/// Liu et al., *Learning Efficient Convolutional Networks through Network Slimming*, ICCV 2017.
public struct BatchNormScale: ImportanceCriterion {
    public static let name = "bn-scale"
    // Scales are comparable between layers: each multiplies values of deviation 1.
    public static let normalizer = ScoreNormalizer.none

    public init() {}

    /// Empty for a group without a normalization, such as one whose BatchNorm has been folded away.
    public func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
    {
        let graph = evidence.graph
        var rows: [[Double]] = []
        for member in group.members {
            guard let id = member.node, let node = graph.nodes[id], node.operatorName == "BatchNormalization",
                node.inputs[1] == member.value, let scale = graph.constants[member.value], scale.dtype == .float32
            else { continue }
            let numbers = scale.elements(of: Float.self).map { Double(abs($0)) }
            let row = (0..<group.channelCount).map { channel in
                member.indices(of: channel).reduce(0) { $0 + numbers[$1] } / Double(member.indices(of: channel).count)
            }
            guard row.allSatisfy(\.isFinite) else { throw .notFinite(weight: graph[member.value].name) }
            rows.append(row)
        }
        return rows
    }
}
