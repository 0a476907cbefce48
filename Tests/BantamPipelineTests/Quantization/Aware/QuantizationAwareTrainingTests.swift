import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamPipeline
@testable import BantamPruning
@testable import BantamQuantization

@Suite struct QuantizationAwareTrainingTests {
    private static func aware(
        epochs: Int = 3, rate: Double = 0.01, alpha: Double? = 0.7, freezeAfter: Double? = 0.5, trainsNorms: Bool = true
    ) -> QuantizationAwareTraining {
        var training = TrainingConfiguration.quick(epochs: epochs, rate: rate)
        training.freezeAfter = freezeAfter
        return QuantizationAwareTraining(
            training: training, distillation: alpha.map { DistillationConfiguration(alpha: $0) },
            trainsNorms: trainsNorms)
    }

    private func trained(_ samples: BandSamples = BandSamples()) throws -> Graph {
        try StepRunner(data: try samples.data())
            .perform(.train(.quick(epochs: 5)), on: samples.classifier(width: 8)).graph
    }

    /// Batches of which the objective alone judges.
    private struct Unlabelled: BatchSource {
        var batches: DatasetBatches
        var batchCount: Int { batches.batchCount }
        var isLabelled: Bool { false }

        func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
            try batches.forEachBatch(epoch: epoch, body)
        }
    }

    /// How far a model's answers are from those of the model it was made of.
    private func distance(_ graph: Graph, from original: Graph, _ data: TrainingData) throws -> Double {
        let objective = Distillation(DistillationConfiguration(alpha: 1), teacher: try NetworkTeacher(original))
        return try Trainer(try Network(graph), objective: objective, configuration: .quick())
            .evaluate(on: Unlabelled(batches: try data.batches(size: 16))).loss
    }

    @Test(arguments: [nil, 4], [true, false])
    func `The result is an INT8 model, and training repeats itself`(frames: Int?, trainsNorms: Bool) throws {
        let samples = BandSamples(frames: frames)
        let original = try trained(samples)
        let step = Recipe.Step.quantizeAware(Self.aware(trainsNorms: trainsNorms))
        #expect(try throughJSON(step) == step)
        let runner = StepRunner(data: try samples.data())
        let outcome = try runner.perform(step, on: original)
        outcome.graph.checkInvariants()
        for name in ["conv1.weight", "conv2.weight", "fc.weight"] {
            #expect(outcome.graph.constant(named: name)?.dtype == .int8)
        }
        let plan = try #require(outcome.plan as? StaticQuantizationPlan)
        #expect(plan.biases.count == 3 && plan.nodes.count { $0.placement == .integer } == 3)
        let summary = try #require(outcome.training)
        #expect(summary.epochs == 3 && summary.steps == 9)
        #expect(try runner.perform(step, on: original).graph == outcome.graph)
        // As large and as layered as the statically quantized model, with other numbers.
        let before = try runner.perform(.quantizeStatic(.init()), on: original)
        #expect(outcome.graph.constantTypes.count == before.graph.constantTypes.count)
        #expect(outcome.graph.nodes.count == before.graph.nodes.count)
        let other = try #require(before.plan as? StaticQuantizationRecord).plan
        #expect(plan.nodes == other.nodes)
        #expect(plan.activations != other.activations && plan.weights != other.weights)
    }

    /// Batches of 16 have statistics of their own, so that training with them wins back less.
    @Test(arguments: [(false, 3.0), (true, 1.2)]) func `Weights of few bits win back what rounding cost`(
        trainsNorms: Bool, gain: Double
    ) throws {
        let samples = BandSamples(count: 96)
        let data = try samples.data(heldOut: 0)
        let original = try trained(samples)
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 3)
        let method = StaticQuantization(profile: profile)
        let runner = StepRunner(data: data)
        var rounded = original
        try method.prepare(&rounded)
        let ranges = try runner.ranges(of: rounded, for: method, .init(), on: data)
        try StaticQuantization.apply(try method.plan(for: rounded, ranges: ranges), to: &rounded)
        let learned = try runner.quantizeAware(
            original, Self.aware(epochs: 12, alpha: 1, freezeAfter: 0.25, trainsNorms: trainsNorms), method: method,
            { _ in })
        let before = try distance(rounded, from: original, data)
        let after = try distance(learned.graph, from: original, data)
        #expect(after < before / gain, "\(before) -> \(after)")
        // Indeed of 3 bits.
        let weights = try #require(learned.graph.constant(named: "conv2.weight")).elements(of: Int8.self)
        #expect(weights.allSatisfy { abs($0) <= 3 } && weights.contains { $0 == 3 })
    }

    @Test func `Zeros stay zeros, and a pattern a pattern`() throws {
        let samples = BandSamples()
        for pruning in [UnstructuredPruning.Configuration(sparsity: 0.7), .init(.twoOfFour)] {
            var sparse = try trained()
            try UnstructuredPruning.apply(try UnstructuredPruning.plan(for: sparse, pruning), to: &sparse)
            let graph = try StepRunner(data: try samples.data())
                .perform(.quantizeAware(Self.aware(rate: 0.05)), on: sparse).graph
            for name in sparse.weightNames {
                let integers = try #require(graph.constant(named: name)).elements(of: Int8.self)
                #expect(zip(sparse.numbers(name), integers).allSatisfy { $0 != 0 || $1 == 0 }, "\(name)")
                #expect(integers.contains { $0 != 0 })
            }
            if let pattern = pruning.pattern { #expect(try Sparsity(of: graph).pattern == pattern) }
        }
    }

    @Test func `A model with fewer channels keeps them`() throws {
        let samples = BandSamples()
        let runner = StepRunner(data: try samples.data())
        let pruned = try runner.perform(.prune(.init(.channels(.init(.macs(0.5))))), on: try trained()).graph
        let graph = try runner.perform(.quantizeAware(Self.aware()), on: pruned).graph
        #expect(try graph.macs == pruned.macs)
        for name in pruned.weightNames {
            #expect(graph.constant(named: name)?.shape == pruned.constant(named: name)?.shape)
        }
    }

    @Test func `Without labels it learns from the teacher alone`() throws {
        let original = try trained()
        let blind = BandSamples(isLabelled: false)
        let step = Recipe.Step.quantizeAware(Self.aware(alpha: 0.7, trainsNorms: false))
        let silent = try StepRunner(data: try blind.data()).perform(step, on: original).graph
        let deaf = try StepRunner(data: try BandSamples().data())
            .perform(.quantizeAware(Self.aware(alpha: 1, trainsNorms: false)), on: original).graph
        #expect(silent == deaf)
        let text = errorText {
            _ = try StepRunner(data: try blind.data())
                .perform(.quantizeAware(Self.aware(alpha: nil)), on: original)
        }
        #expect(text.contains("quantization-aware training without a teacher"))
    }

    @Test func `An interrupted training goes on as if it had not been`() throws {
        struct Interruption: Error {}
        let folder = try TemporaryFolder()
        let original = try trained()
        let data = try BandSamples().data()
        let step = Recipe.Step.quantizeAware(Self.aware(epochs: 4))
        let expected = try StepRunner(data: data).perform(step, on: original).graph
        let runner = StepRunner(data: data, checkpoints: CheckpointFolder(folder.file("checkpoints")))
        #expect(throws: Interruption.self) {
            try runner.perform(step, on: original) { event in
                if case .stepEnded(step: 8, _, _, _) = event { throw Interruption() }
            }
        }
        var resumed: Int?
        let graph = try runner.perform(step, on: original) { event in
            if case .resumed(let epoch) = event { resumed = epoch }
        }.graph
        #expect(resumed == 2)
        #expect(graph == expected)
    }

    @Test func `What cannot be trained is refused with the reason`() throws {
        let original = try trained()
        let data = try BandSamples().data()
        func text(_ data: TrainingData?, _ aware: QuantizationAwareTraining, _ graph: Graph) -> String {
            errorText { _ = try StepRunner(data: data).perform(.quantizeAware(aware), on: graph) }
        }
        #expect(text(nil, Self.aware(), original).contains("data"))
        #expect(text(data, Self.aware(freezeAfter: 1.5), original).contains("1.5 of the training"))
        var other = Self.aware()
        other.quantization.target = "abacus"
        #expect(text(data, other, original).contains("no target profile abacus"))
        other = Self.aware()
        other.quantization.limits = PrecisionLimits(maximumDrop: 1)
        #expect(text(data, other, original).contains("leave the limits out"))
        var broken = original
        broken.setNumbers("conv1.bias") { _, _ in .nan }
        #expect(text(data, Self.aware(), broken).contains("NaN"))
    }
}
