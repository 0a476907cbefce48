import BantamGraph
import BantamModel
import BantamPipeline
import BantamPruning
import BantamTraining
import Testing

@Suite struct SparseLearningTests {
    private let samples = BandSamples()

    private func step(_ sparse: SparseLearning, protecting: [String] = [], training: Bool = true) -> Recipe.Step {
        var configuration = StructuredPruning.Configuration(.macs(0.5))
        configuration.limits.protectedLayers = protecting
        return .prune(
            GradualPruning(
                .channels(configuration), rounds: 2, sparseLearning: sparse,
                training: training ? .quick(epochs: 3, rate: 0.02) : nil, distillation: DistillationConfiguration()))
    }

    @Test(arguments: SparsityConformanceTests.names, [true, false])
    func `It goes before the first round, also without labels`(name: String, isLabelled: Bool) throws {
        let data = try BandSamples(isLabelled: isLabelled).data()
        let trained = try StepRunner(data: try samples.data())
            .perform(.train(.quick(epochs: 5)), on: samples.classifier(width: 8)).graph
        let step = step(SparseLearning(name, epochs: 4))
        let outcome = try StepRunner(data: data).perform(step, on: trained)
        let rounds = try #require(outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>])
        #expect(rounds.map { $0.sparseLearning?.epochs } == [4, nil])
        #expect(rounds.compactMap(\.training?.epochs).reduce(0, +) == 3)
        let seconds = rounds.flatMap { [$0.sparseLearning?.seconds, $0.training?.seconds] }.compactMap(\.self)
        #expect(seconds.count == 3 && outcome.training?.seconds == seconds.reduce(0, +))
        #expect(try outcome.graph.macs * 2 <= trained.macs)
        #expect(try throughJSON(step) == step)
    }

    @Test func `The channels that regularization pushed out are those that go`() throws {
        let trained = try StepRunner(data: try samples.data())
            .perform(.train(.quick(epochs: 5)), on: samples.classifier(width: 8)).graph
        let chosen = try StructuredPruning.plan(for: trained, .init(.macs(0.5)))
        var gradual = GradualPruning(
            .channels(.init(.macs(0.5))), sparseLearning: SparseLearning("growing-regularization", epochs: 6),
            training: .quick(epochs: 1), distillation: DistillationConfiguration())
        gradual.training?.earlyStopping = EarlyStopping(patience: 1)
        let outcome = try StepRunner(data: try samples.data()).perform(.prune(gradual), on: trained)
        let rounds = try #require(outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>])
        #expect(rounds[0].plan.groups == chosen.groups)
        // Early stopping is for fine-tuning.
        #expect(rounds[0].sparseLearning?.epochs == 6 && rounds[0].sparseLearning?.bestAccuracy == nil)
    }

    @Test func `What cannot be done says so`() throws {
        let runner = StepRunner(data: try samples.data())
        func code(_ step: Recipe.Step, _ runner: StepRunner) -> CompressionErrorCode? {
            errorCode { _ = try runner.perform(step, on: samples.classifier(width: 8)) }
        }
        #expect(code(step(SparseLearning("lasso")), runner) == .unknownName)
        #expect(code(step(SparseLearning("group-lasso", strength: 0)), runner) == .invalidTarget)
        #expect(code(step(SparseLearning("group-lasso", strength: .nan)), runner) == .invalidTarget)
        #expect(code(step(SparseLearning("group-lasso", epochs: 0)), runner) == .invalidTarget)
        #expect(code(step(SparseLearning("group-lasso"), training: false), runner) == .noCalibrationData)
        let weights = GradualPruning(
            .weights(.init(sparsity: 0.5)), sparseLearning: SparseLearning("group-lasso"), training: .quick())
        #expect(code(.prune(weights), runner) == .invalidTarget)
        let text = errorText {
            _ = try runner.perform(step(SparseLearning("lasso")), on: samples.classifier(width: 8))
        }
        #expect(text == "There is no sparse learning lasso; there are group-lasso, growing-regularization.")
    }
}
