import BantamGraph
import BantamNetwork
import BantamPipeline
import BantamPruning
import BantamTensor
import BantamTraining
import Testing

@Suite struct UnlabelledDataTests {
    private let labelled = BandSamples()
    private let unlabelled = BandSamples(isLabelled: false)

    private func trained() throws -> Graph {
        try StepRunner(data: try labelled.data())
            .perform(.train(.quick(epochs: 5)), on: labelled.classifier(width: 8)).graph
    }

    /// What the objective decides; which statistics suit it labels may decide.
    private func learned(_ graph: Graph) -> [TensorData?] { graph.parameters.map { graph.constants[$0] } }

    private func pruning(alpha: Double?, criterion: String = "l1", patience: Int? = nil) -> Recipe.Step {
        var training = TrainingConfiguration.quick(epochs: 2, rate: 0.02)
        training.earlyStopping = patience.map { EarlyStopping(patience: $0) }
        return .prune(
            GradualPruning(
                .channels(.init(.macs(0.5), criterion: criterion)), training: training,
                distillation: alpha.map { DistillationConfiguration(alpha: $0) }))
    }

    @Test func `Without labels a model is pruned as with labels that do not count`() throws {
        let graph = try trained()
        // Without classes other samples would be held out.
        let blind = try StepRunner(data: try unlabelled.data(heldOut: 0)).perform(pruning(alpha: 0.7), on: graph).graph
        let deaf = try StepRunner(data: try labelled.data(heldOut: 0))
            .perform(pruning(alpha: 1).withoutLabels, on: graph).graph
        #expect(learned(blind) == learned(deaf))
        #expect(try blind.macs * 2 <= graph.macs)
    }

    @Test func `Without labels a model is distilled and quantized alike`() throws {
        let graph = try trained()
        func both(_ step: Recipe.Step) throws -> [Graph] {
            try [unlabelled, labelled].map { samples in
                let data = try samples.data(heldOut: 0)
                return try StepRunner(data: data, teacher: { _ in TeacherModel(graph) }).perform(step, on: graph).graph
            }
        }
        let distilled = try both(.distill(.quick(epochs: 1), DistillationConfiguration(alpha: 1), teacher: "it"))
        #expect(learned(distilled[0]) == learned(distilled[1]))
        let quantized = try both(.quantizeStatic(.init()))
        #expect(quantized[0] == quantized[1])
        #expect(quantized[0].constant(named: "conv2.weight")?.dtype == .int8)
    }

    @Test(arguments: ["taylor", "fisher"]) func `Criteria that look at the loss take the unpruned model's word`(
        criterion: String
    ) throws {
        let graph = try trained()
        let groups = try ChannelGroups(of: graph).prunable
        let data = try unlabelled.data()
        let judge = try NetworkTeacher(graph)
        let loss = try LossEvidence(
            of: graph, groups: groups, on: try data.batches(size: 16), objective: PseudoLabels(of: judge))
        let expected = try LossEvidence(of: graph, groups: groups, on: OwnAnswers(data: data, graph: graph))
        for group in groups {
            let changes = try #require(loss.changes(of: group))
            #expect(changes.firstOrder == expected.changes(of: group)?.firstOrder)
            #expect(changes.secondOrder == expected.changes(of: group)?.secondOrder)
            #expect(changes.firstOrder.contains { $0 > 0 })
        }
        let pruned = try StepRunner(data: data).perform(pruning(alpha: 0.7, criterion: criterion), on: graph).graph
        #expect(try pruned.macs * 2 <= graph.macs)
    }

    /// Batches with the labels that a model would give.
    private struct OwnAnswers: BatchSource {
        var data: TrainingData
        var graph: Graph
        var batchCount: Int { data.count / 16 }

        func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
            let network = try Network(graph)
            try data.batches(size: 16).forEachBatch(epoch: epoch) { batch in
                var batch = batch
                let scores = try withoutGradients { try network.forward([batch.inputs]).outputs[0].data() }
                let labels = scores.elements(of: Float.self).chunked(by: 3).map { row in
                    Int64(row.indices.max { row[$0] < row[$1] } ?? 0)
                }
                batch.labels = try Tensor(TensorData([labels.count], labels))
                try body(batch)
            }
        }
    }

    @Test func `Held out, samples without labels are judged by the teacher's loss`() throws {
        let runner = StepRunner(data: try unlabelled.data())
        let training = try #require(
            try runner.perform(pruning(alpha: 0.7, patience: 1), on: try trained()).training)
        #expect(training.bestAccuracy == nil)
        #expect(try #require(training.bestValidationLoss) > 0)
    }

    @Test func `A model learns from itself with the statistics that it has`() throws {
        guard case .prune(let gradual) = pruning(alpha: 0.7).withoutLabels else {
            Issue.record("another step")
            return
        }
        #expect(gradual.training?.freezeAfter == 0 && gradual.distillation?.alpha == 1)
    }

    @Test func `A handful of held-out samples without labels judges epochs with the others`() throws {
        for (count, judges) in [(24, 24), (120, 12)] {
            let samples = BandSamples(count: count, isLabelled: false)
            let summary = try StepRunner(data: try samples.data()).perform(
                pruning(alpha: 1, patience: 9), on: try trained()
            ).training
            #expect(try #require(summary).history.map(\.heldOutSamples) == [judges, judges, judges])
        }
    }

    /// The rate is halved again and again, and in the end nothing is better than what was pruned and fitted.
    @Test func `A training that leads away from the teacher is undone`() throws {
        var training = TrainingConfiguration.quick(epochs: 2, rate: 1e4)
        training.keepsBest = true
        let step = Recipe.Step.prune(
            GradualPruning(
                .channels(.init(.macs(0.5), criterion: "l1")), training: training,
                distillation: DistillationConfiguration(alpha: 1)))
        let (graph, runner) = (try trained(), StepRunner(data: try unlabelled.data()))
        let summary = try #require(try runner.perform(step, on: graph).training)
        #expect(summary.rollbacks > 0 && summary.bestEpoch == 0)
    }

    @Test func `What learns from labels alone says so`() throws {
        let runner = StepRunner(data: try unlabelled.data())
        for (step, work) in [(.train(.quick()), "training"), (pruning(alpha: nil), "without a teacher")]
            as [(Recipe.Step, String)]
        {
            #expect(errorCode { _ = try runner.perform(step, on: unlabelled.classifier()) } == .missingLabels)
            let text = errorText { _ = try runner.perform(step, on: unlabelled.classifier()) }
            #expect(text.contains(work) && text.contains("train/CLASS"))
        }
    }
}

extension [Float] {
    fileprivate func chunked(by width: Int) -> [[Float]] {
        stride(from: 0, to: count, by: width).map { Array(self[$0..<$0 + width]) }
    }
}
