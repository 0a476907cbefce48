import BantamCompression
import BantamGraph
import BantamTestSupport
import Testing

/// What holds for every importance criterion: a new one is tested by being listed in `ImportanceCriteria`.
@Suite struct CriteriaConformanceTests {
    @Test(arguments: ImportanceCriteria.all.map { $0.name }, TinyGraphs.names)
    func `Each channel has one finite score that is not negative, the same every time`(
        criterion: String, graph: String
    ) throws {
        let graph = try #require(TinyGraphs.named(graph))
        let criterion = try ImportanceCriteria.named(criterion)
        for group in try ChannelGroups(of: graph).groups {
            let scores = try criterion.scores(of: group, in: graph)
            #expect(scores.count == group.channelCount, "\(group.label)")
            #expect(scores.allSatisfy { $0.isFinite && $0 >= 0 }, "\(group.label): \(scores)")
            #expect(try criterion.scores(of: group, in: graph) == scores)
        }
    }

    /// All but chance, which scores positions.
    @Test(arguments: ImportanceCriteria.all.map { $0.name }.filter { $0 != RandomImportance.name }, TinyGraphs.names)
    func `Channels in another order have their scores in that order`(criterion: String, graph: String) throws {
        let graph = try #require(TinyGraphs.named(graph))
        let criterion = try ImportanceCriteria.named(criterion)
        for group in try ChannelGroups(of: graph).groups {
            var random = SeededGenerator(seed: 3).stream(group.label)
            let order = random.permutation(count: group.channelCount)
            let scores = try criterion.scores(of: group, in: graph)
            let permuted = try criterion.scores(of: group, in: graph.permuting(group, by: order))
            for (channel, original) in order.enumerated() {
                #expect(abs(permuted[channel] - scores[original]) <= 1e-9 * scores[original], "\(group.label)")
            }
        }
    }

    @Test(
        arguments: ImportanceCriteria.all.map { $0.name }.filter { $0 != RandomImportance.name },
        [Float.nan, .infinity])
    func `A weight that is not finite is named`(criterion: String, damage: Float) throws {
        var graph = TinyGraphs.residual()
        graph.setNumbers("conv2.weight") { $0 == 7 ? damage : $1 }
        let groups = try ChannelGroups(of: graph).groups
        let criterion = try ImportanceCriteria.named(criterion)
        let affected = try #require(groups.first { $0.producers.contains { graph[$0.value].name == "conv2.weight" } })
        #expect(errorCode { _ = try criterion.scores(of: affected, in: graph) } == .notFinite)
        #expect(errorText { _ = try criterion.scores(of: affected, in: graph) }.contains("conv2.weight"))
    }

    @Test func `An unknown name is answered with the known ones`() {
        let text = errorText { _ = try ImportanceCriteria.named("l3") }
        #expect(text == "There is no criterion l3; there are l1, l2, random.")
    }

    @Test func `Chance depends on the group, not on the weights`() throws {
        let graph = TinyGraphs.chain()
        let groups = try ChannelGroups(of: graph).groups
        let scores = try groups.map { try RandomImportance().scores(of: $0, in: graph) }
        #expect(Set(scores).count == groups.count)
        #expect(Set(scores.joined()).count == scores.joined().count)
    }
}

extension Graph {
    /// The graph with a group's channels in another order: channel `c` is what channel `order[c]` was.
    fileprivate func permuting(_ group: ChannelGroup, by order: [Int]) -> Graph {
        var copy = self
        for member in group.members {
            guard let data = copy.constants[member.value] else { continue }
            var sources = Array(0..<data.shape[member.axis])
            for (channel, original) in order.enumerated() {
                for (target, source) in zip(member.indices(of: channel), member.indices(of: original)) {
                    sources[target] = source
                }
            }
            copy.setConstant(member.value, to: data.selecting(sources, alongAxis: member.axis))
        }
        return copy
    }
}
