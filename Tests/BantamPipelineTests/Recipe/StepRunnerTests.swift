import BantamGraph
import BantamMedia
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamPipeline
@testable import BantamPruning
@testable import BantamQuantization
@testable import BantamRestructuring

@Suite struct StepRunnerTests {
    private let samples = BandSamples()

    private func runner(_ samples: BandSamples? = nil) throws -> StepRunner {
        StepRunner(data: try (samples ?? self.samples).data())
    }

    private func accuracy(_ graph: Graph, _ data: TrainingData) throws -> Double {
        try Trainer(try Network(graph), objective: CrossEntropy(), configuration: .quick())
            .score(on: try data.batches(size: 16))
    }

    // MARK: Training

    @Test(arguments: [nil, 4]) func `Training learns, reports and repeats itself`(frames: Int?) throws {
        let samples = BandSamples(frames: frames)
        let graph = samples.classifier()
        var losses: [Double] = []
        let outcome = try runner(samples).perform(.train(.quick(epochs: 5)), on: graph) { event in
            if case .epochEnded(let record, _, _) = event, let loss = record.loss {
                losses.append(loss)
                #expect(record.heldOutAccuracy == nil)
            }
        }
        #expect(losses.count == 5 && losses[4] < 0.5 * losses[0])
        let summary = try #require(outcome.training)
        #expect(summary.epochs == 5 && summary.steps == 15 && !summary.stoppedEarly)
        #expect(outcome.plan == nil)
        #expect(try accuracy(outcome.graph, try samples.data()) > 0.9)
        #expect(try runner(samples).perform(.train(.quick(epochs: 5)), on: graph).graph == outcome.graph)
    }

    @Test func `With early stopping a part is held out, also from a teacher's student`() throws {
        var configuration = TrainingConfiguration.quick(epochs: 3)
        configuration.earlyStopping = EarlyStopping(patience: 1)
        let data = try samples.data()
        let runner = StepRunner(data: data, teacher: { _ in TeacherModel(samples.classifier(seed: 3)) })
        for step in [.train(configuration), .distill(configuration, DistillationConfiguration(), teacher: "teacher")]
            as [Recipe.Step]
        {
            var accuracies: [Double?] = []
            let summary = try #require(
                try runner.perform(step, on: samples.classifier()) { event in
                    if case .epochEnded(let record, _, _) = event { accuracies.append(record.heldOutAccuracy) }
                }.training)
            #expect(accuracies.allSatisfy { $0 != nil } && summary.bestAccuracy == accuracies.compactMap(\.self).max())
            // 43 of the 48 samples are left to train on.
            #expect(summary.steps == 2 * summary.epochs)
        }
    }

    @Test func `Zeros are kept when the step says so`() throws {
        let sparse = try runner().perform(.prune(.init(.weights(.init(sparsity: 0.5)))), on: samples.classifier())
        #expect((sparse.plan as? [StepRunner.PruningRound<UnstructuredPruning.Plan>])?.map(\.plan.sparsity) == [0.5])
        func zeros(_ graph: Graph) -> Int { graph.weightNames.reduce(0) { $0 + graph.numbers($1).count { $0 == 0 } } }
        let kept = try runner().perform(.train(.quick(epochs: 1), keepsZeros: true), on: sparse.graph).graph
        let lost = try runner().perform(.train(.quick(epochs: 1)), on: sparse.graph).graph
        #expect(zeros(kept) >= zeros(sparse.graph) && zeros(lost) < zeros(sparse.graph))
    }

    @Test func `What an observer throws ends the step`() throws {
        struct Stop: Error {}
        let runner = try runner()
        #expect(throws: Stop.self) {
            try runner.perform(.train(.quick()), on: samples.classifier()) { _ in throw Stop() }
        }
    }

    // MARK: Other steps

    @Test func `Channels and convolutions are replaced with a plan to report`() throws {
        let graph = samples.classifier(width: 8)
        // These steps need no data.
        let runner = StepRunner(data: nil)
        let pruned = try runner.perform(.prune(.init(.channels(.init(.macs(0.5))))), on: graph)
        let plan = try #require((pruned.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>])?.first?.plan)
        #expect(Double(try pruned.graph.macs) == plan.after && plan.after * 2 <= plan.before)
        let separated = try runner.perform(.separateConvolutions, on: graph)
        #expect((separated.plan as? SeparableConvolution.Plan)?.layers.map(\.weight) == ["conv2.weight"])
        #expect(try separated.graph.macs < graph.macs)
        #expect(pruned.training == nil && separated.training == nil)
    }

    @Test(arguments: [nil, 4]) func `Quantized statically, weights are integers and answers stay`(frames: Int?) throws {
        let samples = BandSamples(frames: frames)
        let data = try samples.data()
        let trained = try runner(samples).perform(.train(.quick(epochs: 5)), on: samples.classifier()).graph
        let outcome = try runner(samples).perform(.quantizeStatic(.init(samples: 20)), on: trained)
        #expect(outcome.plan is StaticQuantizationRecord)
        for weight in ["conv1.weight", "conv2.weight", "fc.weight"] {
            #expect(outcome.graph.constant(named: weight)?.dtype == .int8, "\(weight)")
        }
        #expect(try accuracy(outcome.graph, data) >= accuracy(trained, data) - 0.1)
    }

    @Test func `Quantized dynamically, weights are integers and answers stay`() throws {
        let data = try samples.data()
        let trained = try runner().perform(.train(.quick(epochs: 5)), on: samples.classifier()).graph
        let outcome = try StepRunner(data: nil).perform(.quantizeDynamic, on: trained)
        #expect(outcome.plan is DynamicQuantizationPlan)
        #expect(outcome.graph.constant(named: "conv2.weight").map { $0.dtype.bitWidth } == 8)
        #expect(try accuracy(outcome.graph, data) >= accuracy(trained, data) - 0.1)
    }

    @Test func `Steps compose`() throws {
        let data = try samples.data()
        let original = try runner().perform(.train(.quick(epochs: 4)), on: samples.classifier()).graph
        let runner = StepRunner(data: data, teacher: { _ in TeacherModel(original) })
        let steps: [Recipe.Step] = [
            .separateConvolutions, .prune(.init(.channels(.init(.macs(0.7))))),
            .distill(.quick(epochs: 8), DistillationConfiguration(), teacher: "original"),
            .quantizeStatic(.init(samples: 16)),
        ]
        let smaller = try steps.reduce(original) { try runner.perform($1, on: $0).graph }
        #expect(try smaller.macs < 7 * original.macs / 10)
        #expect(try accuracy(smaller, data) > 0.8)
    }

    // MARK: Progress

    @Test func `What takes long says how far it is`() throws {
        let samples = BandSamples(count: 64)
        let runner = StepRunner(data: try samples.data())
        func parts(of step: Recipe.Step) throws -> [String: [Double?]] {
            var found: [String: [Double?]] = [:]
            _ = try runner.perform(step, on: samples.classifier()) { event in
                if case .working(let part, let share) = event { found[part, default: []].append(share) }
            }
            return found
        }
        let pruned = try parts(
            of: .prune(GradualPruning(.channels(.init(.macs(0.5), criterion: ReconstructionError.name)))))
        #expect(Set(pruned.keys) == ["scoring channels", "fitting layers"])
        for shares in pruned.values {
            #expect(shares.compactMap(\.self) == shares.compactMap(\.self).sorted() && shares.last == 1)
        }
        let quantized = try parts(of: .quantizeStatic(.init(samples: 32, choosesScheme: true)))
        #expect(quantized["measuring activations"]?.isEmpty == false)
        #expect(quantized.keys.contains("comparing schemes (2)"), "\(quantized.keys)")
    }

    // MARK: Teachers

    @Test func `A teacher is asked about every sample once for all steps, and says how far it is`() throws {
        let samples = BandSamples(count: 300)
        var (models, shares) = (0, [Double]())
        let runner = StepRunner(
            data: try samples.data(),
            teacher: { name in
                #expect(name == "wise")
                models += 1
                return TeacherModel(samples.classifier(seed: 3))
            })
        for _ in 0..<2 {
            _ = try runner.perform(
                .distill(.quick(epochs: 1), DistillationConfiguration(), teacher: "wise"), on: samples.classifier()
            ) { event in
                if case .teacherAsked("wise", let share) = event { shares.append(share) }
            }
        }
        #expect(models == 1 && shares == [0.5, 1])
    }

    @Test(arguments: [false, true]) func `A teacher sees samples in its own way, if they stay as they are`(
        augments: Bool
    ) throws {
        let dataset = try samples.data()
        var preprocessing = dataset.preprocessing
        preprocessing.scale *= 2
        let own = TrainingData(dataset.dataset, preprocessing: preprocessing)
        let graph = samples.classifier(seed: 3)
        let runner = StepRunner(data: dataset, teacher: { _ in TeacherModel(graph, data: own) })
        var configuration = TrainingConfiguration.quick(epochs: 1)
        if augments { configuration.augmentation = [.horizontalFlip(probability: 0.5)] }
        guard !augments else {
            let step = Recipe.Step.distill(configuration, DistillationConfiguration(), teacher: "wise")
            #expect(errorText { _ = try runner.perform(step, on: graph) }.contains("wise is given samples prepared"))
            return
        }
        let teacher = try runner.teacher(named: "wise", for: configuration) { _ in }
        let answers = try #require(teacher as? TeacherLogits)
        let expected = try TeacherLogits(of: NetworkTeacher(graph), on: own)
        #expect(try answers.logits.data() == expected.logits.data())
        #expect(try answers.logits.data() != TeacherLogits(of: NetworkTeacher(graph), on: dataset).logits.data())
    }

    @Test func `What a teacher remembers of changed samples is what it would answer again`() throws {
        let data = try samples.data()
        let teacher = TeacherModel(samples.classifier(seed: 3, width: 12))
        var configuration = TrainingConfiguration.quick(epochs: 4)
        configuration.augmentation = [.horizontalFlip(probability: 0.5), .cutMix(probability: 0.5)]
        configuration.views = 2
        let runner = StepRunner(data: data, teacher: { _ in teacher })
        #expect(try runner.teacher(named: "wise", for: configuration) { _ in } is RememberingTeacher)
        let once = try runner.perform(
            .distill(configuration, DistillationConfiguration(), teacher: "wise"), on: samples.classifier()
        ).graph
        let again = try runner.fit(
            samples.classifier(),
            Distillation(DistillationConfiguration(), teacher: NetworkTeacher(teacher.graph)),
            configuration, keepsZeros: false, checkpoints: nil, { _ in }
        ).graph
        for name in once.weightNames {
            #expect(zip(once.numbers(name), again.numbers(name)).allSatisfy { abs($0 - $1) < 1e-3 }, "\(name)")
        }
    }

    // MARK: Errors

    @Test func `Steps that need data say so`() {
        let runner = StepRunner(data: nil, teacher: { _ in TeacherModel(samples.classifier()) })
        for step in [
            .train(.quick()), .quantizeStatic(.init()),
            .distill(.quick(), DistillationConfiguration(), teacher: "wise"),
        ] as [Recipe.Step] {
            #expect(errorCode { _ = try runner.perform(step, on: samples.classifier()) } == .noCalibrationData)
        }
    }

    @Test func `Distillation without a teacher is refused`() throws {
        let runner = try runner()
        let step = Recipe.Step.distill(.quick(), DistillationConfiguration(), teacher: "wise")
        #expect(errorCode { _ = try runner.perform(step, on: samples.classifier()) } == .unknownName)
        #expect(errorText { _ = try runner.perform(step, on: samples.classifier()) }.contains("wise"))
    }

    @Test func `Unknown targets and calibrators are refused`() throws {
        let runner = try runner()
        for configuration in [StaticQuantizationConfiguration(target: "toaster"), .init(calibrator: "guess")] {
            #expect(
                errorCode { _ = try runner.perform(.quantizeStatic(configuration), on: samples.classifier()) }
                    == .unknownName)
        }
    }
}
