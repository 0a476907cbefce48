public import BantamGraph
public import BantamModel

/// Chance: what every other criterion must beat. Seeded by the group, so that it repeats itself.
public struct RandomImportance: ImportanceCriterion {
    public static let name = "random"
    public static let normalizer = ScoreNormalizer.none

    public init() {}

    public func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
    {
        var generator = SeededGenerator(seed: 0).stream(group.label)
        return [(0..<group.channelCount).map { _ in generator.uniform() }]
    }
}
