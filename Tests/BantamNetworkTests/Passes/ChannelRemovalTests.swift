import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

@Suite struct ChannelRemovalTests {
    static let models = TinyGraphs.names + ArchitectureTests.quickNames

    private func model(_ name: String) throws -> Graph {
        if let graph = TinyGraphs.named(name) { return graph }
        return try #require(ArchitectureVariant.quickModels[name])
    }

    /// All groups of a small model. Of a large one, whose groups resemble each other, some from the first to the last.
    private func sample(of graph: Graph) throws -> [ChannelGroup] {
        let groups = try ChannelGroups(of: graph).prunable.filter { $0.channelCount > 1 }
        return stride(from: 0, to: groups.count, by: max(1, groups.count / 8)).map { groups[$0] }
    }

    private func check(_ proof: RemovalProof, _ label: String) throws {
        let smaller = try proof.removed()
        smaller.checkInvariants()
        let inputs = proof.graph.sampleInputs()
        for (result, expected) in zip(try smaller.run(inputs), try proof.disabled().run(inputs)) {
            #expect(result.difference(from: expected) == nil, "\(label)")
        }
        let (before, after) = (try CostAnalysis(of: proof.graph).total, try CostAnalysis(of: smaller).total)
        #expect(after.parameters < before.parameters, "\(label)")
    }

    @Test(arguments: models) func `Removing half the channels of a group is zeroing them`(_ name: String) throws {
        let graph = try model(name)
        let groups = try sample(of: graph)
        #expect(!groups.isEmpty)
        for group in groups { try check(.halving([group], of: graph), group.label) }
    }

    @Test(arguments: models) func `Removing half the channels of all groups at once is zeroing them`(
        _ name: String
    ) throws {
        let graph = try model(name)
        let groups = try ChannelGroups(of: graph).prunable
        try check(.halving(groups, of: graph), "all groups")
    }

    /// With attention of more than one head.
    static let modelsWithHeads =
        ["attention", "window_attention", "batched_attention"] + models.filter { $0.hasPrefix("video_transformer") }

    @Test(arguments: modelsWithHeads) func `Removing half the heads of every attention is zeroing them`(
        _ name: String
    ) throws {
        let graph = try model(name)
        let groups = try ChannelGroups(of: graph, attention: .heads).prunable
        let features = try ChannelGroups(of: graph).prunable
        let heads = groups.filter { !features.contains($0) }
        #expect(!heads.isEmpty && heads.allSatisfy { (2...3).contains($0.channelCount) })
        try check(.halving(heads, of: graph), "heads")
        try check(.halving(groups, of: graph), "heads and all else")
        for group in heads.prefix(2) { try check(.keepingOne(of: group, of: graph), group.label) }
    }

    @Test(arguments: models) func `Removing all channels but the last is zeroing them`(_ name: String) throws {
        let graph = try model(name)
        for group in try sample(of: graph) {
            try check(.keepingOne(of: group, of: graph), group.label)
        }
    }
}
