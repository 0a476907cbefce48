import BantamGraph
import BantamMedia
import BantamModel
import BantamNetwork
import BantamONNX
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamDistillation
@testable import BantamLayerwise
@testable import BantamPipeline
@testable import BantamPruning

@Suite struct GradualPruningTests {
    private let samples = BandSamples()

    private func pruned(
        _ graph: Graph, rounds: Int, distillation: DistillationConfiguration? = nil, featureWeight: Double = 0,
        training: TrainingConfiguration?
    ) throws -> StepRunner.Outcome {
        let configuration = StructuredPruning.Configuration(.macs(0.5))
        let gradual = GradualPruning(
            .channels(configuration), rounds: rounds, recalibrationSamples: 32, training: training,
            distillation: distillation, featureWeight: featureWeight)
        return try StepRunner(data: try samples.data()).perform(.prune(gradual), on: graph)
    }

    @Test(arguments: [1, 3]) func `Rounds come to the target, each smaller than the last`(rounds: Int) throws {
        let data = try samples.data()
        let trained = try StepRunner(data: data)
            .perform(.train(.quick(epochs: 5)), on: samples.classifier(width: 8)).graph
        let outcome = try pruned(
            trained, rounds: rounds, distillation: DistillationConfiguration(), training: .quick(epochs: 6, rate: 0.02))
        let plans = try #require(outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>])
        #expect(plans.count == rounds)
        for (earlier, later) in zip(plans, plans.dropFirst()) {
            #expect(earlier.plan.after == later.plan.before && later.plan.after <= earlier.plan.after)
        }
        #expect(plans.compactMap(\.training?.epochs).reduce(0, +) == 6)
        #expect(try outcome.graph.macs * 2 <= trained.macs)
        let network = try Network(outcome.graph)
        let accuracy = try Trainer(network, objective: CrossEntropy(), configuration: .quick())
            .score(on: try data.batches(size: 16))
        #expect(accuracy > 0.9)
    }

    @Test(arguments: [1, 2]) func `With features the pruned model comes nearer to what the original sees`(
        rounds: Int
    ) throws {
        let data = try samples.data()
        let trained = try StepRunner(data: data)
            .perform(.train(.quick(epochs: 5)), on: samples.classifier(width: 8)).graph
        let end = try #require(
            try FeatureMatching.Feature.stageEnds(of: trained, in: trained, try ChannelMarks(trained)).last)
        func error(featureWeight: Double) throws -> Double {
            let outcome = try pruned(
                trained, rounds: rounds, distillation: DistillationConfiguration(alpha: 1),
                featureWeight: featureWeight, training: .quick(epochs: 6, rate: 0.02))
            var marks = try ChannelMarks(trained)
            let plans = try #require(outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>])
            for round in plans { try marks.apply { try StructuredPruning.apply(round.plan, to: &$0) } }
            let kept = try #require(
                try FeatureMatching.Feature.stageEnds(of: trained, in: outcome.graph, marks)
                    .first { $0.value == end.value })
            var errors: [Double] = []
            try data.batches(size: 16).forEachBatch(epoch: 0) { batch in
                func feature(_ graph: Graph) throws -> Tensor {
                    let taps = try withoutGradients {
                        try Network(graph).forward([batch.inputs], taps: [end.value]).taps
                    }
                    return try #require(taps[end.value])
                }
                let expected = try kept.kept(of: try feature(trained))
                errors.append(try feature(outcome.graph).relativeError(from: expected))
            }
            return errors.reduce(0, +) / Double(errors.count)
        }
        #expect(try error(featureWeight: 15) < error(featureWeight: 0))
    }

    @Test(arguments: [1, 2]) func `Fitting what stays brings back what was lost`(rounds: Int) throws {
        let data = try samples.data()
        let trained = try StepRunner(data: data)
            .perform(.train(.quick(epochs: 5)), on: samples.classifier(width: 8)).graph
        func accuracy(reconstructionSamples: Int) throws -> Double {
            let gradual = GradualPruning(
                .channels(.init(.macs(0.4), criterion: "reconstruction")), rounds: rounds,
                reconstructionSamples: reconstructionSamples, recalibrationSamples: 0)
            let graph = try StepRunner(data: data).perform(.prune(gradual), on: trained).graph
            return try Trainer(try Network(graph), objective: CrossEntropy(), configuration: .quick())
                .score(on: try data.batches(size: 16))
        }
        let (plain, fitted) = (try accuracy(reconstructionSamples: 0), try accuracy(reconstructionSamples: 64))
        #expect(fitted > 0.9)
        #expect(fitted >= plain)
    }

    @Test func `What was fitted is told, layer by layer and in a note`() throws {
        let gradual = GradualPruning(.channels(.init(.macs(0.5))), rounds: 2)
        let outcome = try StepRunner(data: try samples.data())
            .perform(.prune(gradual), on: samples.classifier(width: 8))
        let rounds = try #require(outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>])
        #expect(rounds.count == 2)
        #expect(rounds.allSatisfy { !$0.reconstruction.isEmpty })
        #expect(rounds.allSatisfy { $0.reconstruction.allSatisfy { $0.errorAfter <= $0.errorBefore + 1e-6 } })
        #expect(outcome.notes.count { $0.contains("fitted to what the model computed before") } == 1)
    }

    @Test func `Where the criterion judges too few layers another one does`() throws {
        // Its heads share their weights, which are never fitted.
        let graph = try ONNXFile.read(fixture("cases/shared-head.onnx")).graph
        func pruned(fallback: String?) throws -> Graph {
            let configuration = StructuredPruning.Configuration(
                .macs(0.6), criterion: "reconstruction", fallback: fallback)
            let data = try sharedWeightData(of: graph)
            return try StepRunner(data: data).perform(.prune(.init(.channels(configuration))), on: graph).graph
        }
        #expect(throws: CompressionError.self) { try pruned(fallback: nil) }
        #expect(try pruned(fallback: "l1").macs < graph.macs)
    }

    /// Images of the size that the graph takes.
    private func sharedWeightData(of graph: Graph) throws -> TrainingData {
        let shape = graph.inputs[0].shape().dimensions
        let images = (0..<16).map { index in
            Sample(
                .image(
                    Image(
                        width: shape[3], height: shape[2], filledWith: [UInt8](repeating: UInt8(index * 15), count: 3))),
                label: Sample.noLabel, name: "\(index)")
        }
        return TrainingData(
            SampleArray(images, classNames: []), preprocessing: try Preprocessing(mean: [0, 0, 0], std: [1, 1, 1]))
    }

    @Test func `Without data it is pruned only`() throws {
        let graph = samples.classifier(width: 8)
        let gradual = GradualPruning(.channels(.init(.macs(0.5))))
        let outcome = try StepRunner(data: nil).perform(.prune(gradual), on: graph)
        #expect(outcome.training == nil)
        #expect(try outcome.graph.macs * 2 <= graph.macs)
        let byLoss = GradualPruning(.channels(.init(.macs(0.5), criterion: "taylor")))
        #expect(
            errorCode { _ = try StepRunner(data: nil).perform(.prune(byLoss), on: graph) }
                == .missingGradients)
    }

    @Test(arguments: ["taylor", "fisher", "reconstruction"]) func `With data, criteria that look at samples have it`(
        criterion: String
    ) throws {
        let gradual = GradualPruning(.channels(.init(.macs(0.5), criterion: criterion)), recalibrationSamples: 0)
        let graph = samples.classifier(width: 8)
        let outcome = try StepRunner(data: try samples.data()).perform(.prune(gradual), on: graph)
        #expect(try outcome.graph.macs * 2 <= graph.macs)
    }

    @Test func `A live teacher answers what it sees`() throws {
        let graph = samples.classifier()
        let teacher = try NetworkTeacher(graph)
        try samples.data().batches(size: 8).forEachBatch(epoch: 0) { batch in
            let expected = try Network(graph).forward([batch.inputs]).outputs[0].data()
            let answers = try teacher.answers(to: batch)
            #expect(try answers.data().difference(from: expected) == nil)
            #expect(!answers.requiresGradient)
        }
    }

    @Test func `Recalibrated, statistics are those of the data and weights are as before`() throws {
        let graph = samples.classifier()
        let data = try samples.data()
        let result = try NormRecalibration.recalibrated(graph, on: try data.batches(size: data.count))
        #expect(graph.parameters.allSatisfy { result.constants[$0] == graph.constants[$0] })
        // One batch of all samples: the mean and variance of what reaches the layer.
        let convolution = try #require(graph.nodes.values.first { $0.operatorName == "Conv" }?.outputs[0])
        var values: [Float] = []
        try data.batches(size: data.count).forEachBatch(epoch: 0) { batch in
            let tap = try Network(graph).forward([batch.inputs], taps: [convolution]).taps[convolution]
            values = try #require(tap).data().elements(of: Float.self)
        }
        let (channels, area) = (6, 36)
        let means = result.numbers("bn1.running_mean")
        for channel in 0..<channels {
            let mine = values.enumerated().filter { $0.offset / area % channels == channel }.map { Double($0.element) }
            let mean = mine.reduce(0, +) / Double(mine.count)
            let variance = mine.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(mine.count)
            #expect(abs(Double(means[channel]) - mean) < 1e-4)
            #expect(abs(Double(result.numbers("bn1.running_var")[channel]) - variance) < 1e-2 * variance)
        }
    }
}
