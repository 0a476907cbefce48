import BantamGraph
import BantamNetwork
import BantamPruning
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

/// What holds for every importance criterion: a new one is tested by being listed in `ImportanceCriteria`.
@Suite struct CriteriaConformanceTests {
    static let names = ImportanceCriteria.all.map { $0.name }
    /// All but chance, which scores positions.
    static let judging = names.filter { $0 != RandomImportance.name }

    /// What criteria judge by, and the groups of a graph.
    private func evidence(_ graph: Graph) throws -> (evidence: ImportanceEvidence, groups: [ChannelGroup]) {
        let groups = try ChannelGroups(of: graph).groups
        let loss = try LossEvidence(of: graph, groups: groups, on: GraphSamples(graph: graph), objective: MeanSquare())
        let reconstruction = try ReconstructionEvidence(of: graph, groups: groups, on: GraphSamples(graph: graph))
        return (ImportanceEvidence(graph: graph, loss: loss, reconstruction: reconstruction), groups)
    }

    @Test(arguments: names, TinyGraphs.names)
    func `Each row has one finite score for each channel that is not negative, the same every time`(
        criterion: String, graph: String
    ) throws {
        let (evidence, groups) = try evidence(try #require(TinyGraphs.named(graph)))
        let criterion = try ImportanceCriteria.named(criterion)
        for group in groups {
            let rows = try criterion.scores(of: group, from: evidence)
            for row in rows {
                #expect(row.count == group.channelCount, "\(group.label)")
                #expect(row.allSatisfy { $0.isFinite && $0 >= 0 }, "\(group.label): \(row)")
            }
            #expect(try criterion.scores(of: group, from: evidence) == rows)
            // Groups without normalization leave one criterion without words, and those whose readers cannot be fitted
            // another.
            let mayBeSilent = [BatchNormScale.name, ReconstructionError.name].contains(type(of: criterion).name)
            #expect(!rows.isEmpty || mayBeSilent, "\(group.label)")
        }
    }

    @Test(arguments: judging, TinyGraphs.names)
    func `Channels in another order have their scores in that order`(criterion: String, graph: String) throws {
        let graph = try #require(TinyGraphs.named(graph))
        let criterion = try ImportanceCriteria.named(criterion)
        let (original, groups) = try evidence(graph)
        for group in groups where group.isPrunable {
            var random = SeededGenerator(seed: 3).stream(group.label)
            let order = random.permutation(count: group.channelCount)
            let shuffled = graph.permuting(group, by: order)
            let scores = try criterion.scores(of: group, from: original)
            let permuted = try criterion.scores(of: group, from: try evidence(shuffled).evidence)
            #expect(scores.count == permuted.count)
            // The executor adds in another order, and in float32.
            let tolerance = type(of: criterion).evidence != .weights ? 1e-3 : 1e-6
            for (row, permuted) in zip(scores, permuted) {
                let largest = row.max() ?? 0
                for (channel, source) in order.enumerated() {
                    #expect(abs(permuted[channel] - row[source]) <= tolerance * largest, "\(group.label)")
                }
            }
        }
    }

    @Test(
        arguments: [L1Norm.name, L2Norm.name, LAMP.name, GeometricMedian.name], [Float.nan, .infinity])
    func `A weight that is not finite is named`(criterion: String, damage: Float) throws {
        var graph = TinyGraphs.residual()
        graph.setNumbers("conv2.weight") { $0 == 7 ? damage : $1 }
        let groups = try ChannelGroups(of: graph).groups
        let criterion = try ImportanceCriteria.named(criterion)
        let affected = try #require(groups.first { $0.producers.contains { graph[$0.value].name == "conv2.weight" } })
        let evidence = ImportanceEvidence(graph: graph)
        #expect(errorCode { _ = try criterion.scores(of: affected, from: evidence) } == .notFinite)
        #expect(errorText { _ = try criterion.scores(of: affected, from: evidence) }.contains("conv2.weight"))
    }

    @Test(arguments: ImportanceCriteria.all.filter { $0.evidence != .weights }.map { $0.name })
    func `A criterion that looks at samples says so without them, and names a damaged model`(name: String) throws {
        let graph = TinyGraphs.residual()
        let criterion = try ImportanceCriteria.named(name)
        let group = try #require(try ChannelGroups(of: graph).prunable.first)
        #expect(
            errorCode { _ = try criterion.scores(of: group, from: ImportanceEvidence(graph: graph)) }
                == .missingGradients)
        var damaged = graph
        damaged.setNumbers("conv2.weight") { $0 == 7 ? .nan : $1 }
        let broken = damaged
        #expect(errorCode { _ = try evidence(broken) } == .notFinite)
    }

    @Test func `An unknown name is answered with the known ones`() {
        let text = errorText { _ = try ImportanceCriteria.named("l3") }
        #expect(text == "There is no criterion l3; there are \(Self.names.joined(separator: ", ")).")
    }

    @Test func `Chance depends on the group, not on the weights`() throws {
        let graph = TinyGraphs.chain()
        let groups = try ChannelGroups(of: graph).groups
        let evidence = ImportanceEvidence(graph: graph)
        let scores = try groups.map { try RandomImportance().scores(of: $0, from: evidence)[0] }
        #expect(Set(scores).count == groups.count)
        #expect(Set(scores.joined()).count == scores.joined().count)
    }
}

/// Random inputs of a graph, two batches of them.
struct GraphSamples: BatchSource {
    var graph: Graph
    var batchCount: Int { 2 }

    func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
        for batch in 0..<batchCount {
            var random = SeededGenerator(seed: UInt64(batch)).stream(graph.name)
            let input = TensorData.random(graph.inputs[0].shape(defaultSize: 2), from: &random)
            try body(
                TrainingBatch(
                    inputs: try Tensor(input), labels: try Tensor(TensorData([2], [0, 0] as [Int64])), indices: [0, 1]))
        }
    }
}

/// A loss for outputs of any shape.
struct MeanSquare: Objective {
    func loss(of result: Network.Result, on batch: TrainingBatch) throws(TorchError) -> Tensor {
        try result.outputs[0].multiplied(by: result.outputs[0]).mean()
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
