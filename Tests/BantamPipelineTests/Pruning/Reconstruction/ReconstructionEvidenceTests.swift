import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamPruning

@Suite struct ReconstructionEvidenceTests {
    /// One batch of random inputs.
    private struct OneBatch: BatchSource {
        var inputs: TensorData
        var batchCount: Int { 1 }

        func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
            let count = inputs.shape[0]
            try body(
                TrainingBatch(
                    inputs: try Tensor(inputs),
                    labels: try Tensor(TensorData([count], [Int64](repeating: 0, count: count))),
                    indices: Array(0..<count)))
        }
    }

    private func batch(for graph: Graph, count: Int = 48) -> OneBatch {
        var random = SeededGenerator(seed: 4).stream(graph.name)
        return OneBatch(inputs: .random(graph.inputs[0].shape(defaultSize: count), from: &random))
    }

    /// The scores tell in advance, without a run, what fitting the layer leaves of its error.
    @Test(arguments: 1...5) func `The scores of channels add up to the error that fitting leaves`(_ count: Int) throws {
        let graph = TinyGraphs.residual()
        let groups = try ChannelGroups(of: graph).groups
        let index = try #require(groups.firstIndex { $0.label.hasPrefix("conv1") })
        let batch = batch(for: graph)
        let row = try #require(
            try ReconstructionEvidence(of: graph, groups: groups, on: batch).errors(of: groups[index]).first)
        let order = row.indices.sorted { row[$0] < row[$1] }
        let removed = order.prefix(count).sorted()
        let plan = StructuredPruning.Plan(
            quantity: .macs, channelMultiple: 1, before: 0, after: 0, attention: .headDimensions,
            groups: [.init(index: index, label: groups[index].label, channels: 6, removed: removed)], obstacles: [])
        var pruned = graph
        try StructuredPruning.apply(plan, to: &pruned)
        let records = try Reconstruction.apply(
            to: &pruned, of: graph, after: plan, inputs: [try Tensor(batch.inputs)])
        let record = try #require(records.first)
        // The record is in units of the layer's result, the scores of the sum that it is added to.
        let squares = try squares(of: ["conv2", "add"], in: graph, on: batch.inputs)
        let predicted = order.prefix(count).reduce(0) { $0 + row[$1] } * squares[1] / squares[0]
        // Scores never fall from one channel to the next, so they may be a little more than what is left.
        #expect(record.errorAfter <= predicted * 1.02 + 1e-4)
        #expect(record.errorAfter >= predicted * 0.5)
    }

    private func squares(of names: [String], in graph: Graph, on input: TensorData) throws -> [Double] {
        var graph = graph
        for name in names {
            let node = try #require(graph.nodes.values.first { $0.name == name })
            graph.addOutput(try #require(node.outputs[0]))
        }
        let outputs = try withoutGradients { try Network(graph).forward([try Tensor(input)]).outputs }
        return try outputs.suffix(names.count).map { try $0.multiplied(by: $0).mean().item() }
    }

    @Test func `A channel that another equals goes first, however large its weights`() throws {
        var graph = TinyGraphs.residual()
        let weight = graph.numbers("conv1.weight")
        let inner = weight.count / 6
        graph.setNumbers("conv1.weight") { index, number in
            index / inner == 5 ? 10 * weight[2 * inner + index % inner] : number
        }
        let bias = graph.numbers("conv1.bias")
        graph.setNumbers("conv1.bias") { index, number in index == 5 ? 10 * bias[2] : number }
        let groups = try ChannelGroups(of: graph).groups
        let group = try #require(groups.first { $0.label.hasPrefix("conv1") })
        // So many that the weights that were left have hardly a say.
        let batch = batch(for: graph, count: 2048)
        let row = try #require(
            try ReconstructionEvidence(of: graph, groups: groups, on: batch).errors(of: group).first)
        let first = try #require(row.indices.min { row[$0] < row[$1] })
        #expect([2, 5].contains(first))
        #expect(row[first] < 1e-3 * (row.max() ?? 0))
    }

    @Test func `In a layer of very many inputs neighbours alone make up for each other`() throws {
        let graph = TinyGraphs.residual()
        let groups = try ChannelGroups(of: graph).groups
        let group = try #require(groups.first { $0.label.hasPrefix("conv1") })
        let batch = batch(for: graph, count: 512)
        // Six channels of nine inputs: all together, three at a time, and each alone.
        let rows = try [54, 27, 9].map {
            try #require(
                try ReconstructionEvidence(of: graph, groups: groups, on: batch, mostInputs: $0).errors(of: group).first
            )
        }
        for (together, apart) in [(rows[0], rows[1]), (rows[1], rows[2])] {
            #expect(together.count == 6 && apart.count == 6)
            #expect(together.min() ?? 0 > 0)
            // The last of those that go together has nothing left to make up for it, the first all others.
            #expect(together.min() ?? 0 <= (apart.min() ?? 0) * 1.01)
            #expect(together.max() ?? 0 >= (apart.max() ?? 0) * 0.99)
        }
    }

    @Test func `A channel is weighed against what it saves`() throws {
        // Equal scores: the layer whose channels cost more MACs loses all it may before the other loses any.
        let graph = TinyGraphs.chain()
        let groups = try ChannelGroups(of: graph).groups
        let evidence = ImportanceEvidence(
            graph: graph, reconstruction: try ReconstructionEvidence(of: graph, groups: groups, on: batch(for: graph)))
        let configuration = StructuredPruning.Configuration(.macs(0.5), criterion: ReconstructionError.name)
        let prunable = groups.indices.filter { groups[$0].isPrunable }
        for dear in prunable {
            let savings = groups.indices.map { $0 == dear ? 1e12 : 1.0 }
            let ranking = try ChannelRanking(groups, from: evidence, configuration, savings: savings)
            let count = ranking.candidates.count { $0.group == dear }
            #expect(count > 0)
            #expect(ranking.candidates.prefix(count).allSatisfy { $0.group == dear })
        }
    }
}
