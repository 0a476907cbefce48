import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

/// The proof of channel removal: a model without channels computes what the whole model does when those channels'
/// weights are zero.
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

    /// Every other channel, beginning with the second.
    private func half(of group: ChannelGroup) -> ChannelRemoval {
        ChannelRemoval(group, channels: stride(from: 1, to: group.channelCount, by: 2))
    }

    /// Sets to zero whatever makes, scales, shifts or reads the channels. Statistics stay: a variance of zero is none.
    private func zeroing(_ removals: [ChannelRemoval], in graph: Graph) throws -> Graph {
        var copy = graph
        for removal in removals {
            for member in removal.group.members where member.part != .activation && member.role != .statistic {
                let rows = removal.channels.flatMap { member.indices(of: $0) }
                let data = try #require(copy.constants[member.value])
                copy.setConstant(member.value, to: zeroing(rows, alongAxis: member.axis, of: data))
            }
        }
        return copy
    }

    private func zeroing(_ rows: [Int], alongAxis axis: Int, of data: TensorData) -> TensorData {
        var data = data
        let (stride, count) = (data.shape.strides[axis], data.shape[axis])
        data.withUnsafeMutableElements(of: Float.self) { elements in
            for start in Swift.stride(from: 0, to: elements.count, by: stride * count) {
                for row in rows { elements[start + row * stride..<start + (row + 1) * stride].update(repeating: 0) }
            }
        }
        return data
    }

    /// Whether a normalization takes its mean over the channels. It takes it over those that remain, which no zeros in
    /// the whole model can say.
    private func isNormalizedOver(_ group: ChannelGroup, in graph: Graph) -> Bool {
        group.members.contains { $0.node.map { graph[$0].operatorName == "LayerNormalization" } ?? false }
    }

    private func check(_ removals: [ChannelRemoval], in graph: Graph, _ label: String) throws {
        let smaller = try graph.removingChannels(removals)
        smaller.checkInvariants()
        let inputs = graph.sampleInputs()
        let results = try smaller.run(inputs)
        if removals.contains(where: { isNormalizedOver($0.group, in: graph) }) {
            for result in results { #expect(result.elements(of: Float.self).allSatisfy { $0.isFinite }, "\(label)") }
        } else {
            for (result, expected) in zip(results, try zeroing(removals, in: graph).run(inputs)) {
                #expect(result.difference(from: expected) == nil, "\(label)")
            }
        }
        let (before, after) = (try CostAnalysis(of: graph).total, try CostAnalysis(of: smaller).total)
        #expect(after.parameters < before.parameters, "\(label)")
    }

    @Test(arguments: models) func `Removing half the channels of a group is zeroing them`(_ name: String) throws {
        let graph = try model(name)
        let groups = try sample(of: graph)
        #expect(!groups.isEmpty)
        for group in groups { try check([half(of: group)], in: graph, group.label) }
    }

    @Test(arguments: models) func `Removing half the channels of all groups at once is zeroing them`(
        _ name: String
    ) throws {
        let graph = try model(name)
        let groups = try ChannelGroups(of: graph).prunable.filter {
            $0.channelCount > 1 && !isNormalizedOver($0, in: graph)
        }
        try check(groups.map { half(of: $0) }, in: graph, "all groups")
    }

    @Test(arguments: models) func `Removing all channels but the last is zeroing them`(_ name: String) throws {
        let graph = try model(name)
        for group in try sample(of: graph) {
            let removal = ChannelRemoval(group, channels: 0..<group.channelCount - 1)
            try check([removal], in: graph, group.label)
        }
    }
}
