import BantamGraph
import BantamMedia
import BantamONNX
import BantamPipeline
import BantamPruning
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamQuantization

/// What is asked for and would do harm is left out, by a comparison on the calibration samples.
@Suite struct HarmlessOptionsTests {
    /// Noise of three channels, smooth enough to look like an image.
    private static func images(_ count: Int, isEqual: Bool = false) throws -> TrainingData {
        let samples = (0..<count).map { index in
            var random = SeededGenerator(seed: 3).stream("image \(isEqual ? 0 : index)")
            let level = random.uniform(in: 40...200)
            let pixels = (0..<32 * 32 * 3).map { _ in UInt8(level + random.uniform(in: -40...40)) }
            return Sample(
                .image(Image(width: 32, height: 32, channels: 3, pixels: pixels)), label: Sample.noLabel,
                name: "image \(index)")
        }
        let preprocessing = try Preprocessing(mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26])
        return TrainingData(SampleArray(samples, classNames: []), preprocessing: preprocessing)
    }

    private func graph(_ name: String) throws -> Graph { try ONNXFile.read(fixture("cases/\(name).onnx")).graph }

    private func quality(
        _ graph: Graph, _ configuration: StaticQuantizationConfiguration, on data: TrainingData
    ) throws -> (decibels: Double, outcome: StepRunner.Outcome) {
        let outcome = try StepRunner(data: data).perform(.quantizeStatic(configuration), on: graph)
        let others = try Self.images(60)
        return (try OutputError(of: graph, on: others).signalToNoise(of: outcome.graph), outcome)
    }

    @Test(arguments: ["two-readers", "constant-filters", "pad-lowest-float"], [3, 48, 700])
    func `A chosen scheme is never much worse than the default`(name: String, count: Int) throws {
        let (graph, data) = (try graph(name), try Self.images(count))
        let usual = try quality(graph, .init(samples: 64), on: data)
        let chosen = try quality(graph, .init(samples: 64, choosesScheme: true), on: data)
        #expect(chosen.decibels > usual.decibels - 1, "\(chosen.decibels) beside \(usual.decibels)")
        let record = try #require(chosen.outcome.plan as? StaticQuantizationRecord)
        #expect(record.candidates.contains { $0.scheme == QuantizationScheme() })
    }

    @Test(arguments: ["two-readers", "constant-filters", "pad-lowest-float"])
    func `Equalization and compensated rounding are left out where they do harm`(name: String) throws {
        let (graph, data) = (try graph(name), try Self.images(48))
        let usual = try quality(graph, .init(samples: 48), on: data)
        #expect(usual.decibels > 30, "\(usual.decibels)")
        for configuration in [
            StaticQuantizationConfiguration(samples: 48, equalizes: true),
            StaticQuantizationConfiguration(samples: 48, rounding: .compensating),
            StaticQuantizationConfiguration(calibrator: "percentile", samples: 48, rounding: .compensating),
        ] {
            var plain = configuration
            plain.rounding = .nearest
            plain.scheme.equalizes = false
            let (without, with) = (try quality(graph, plain, on: data), try quality(graph, configuration, on: data))
            #expect(with.decibels > without.decibels - 0.5, "\(with.decibels) beside \(without.decibels)")
        }
    }

    /// What equalization made worse before it knew constant channels: forced, as the comparison would hide it.
    @Test func `Constant filters do not spoil equalization itself`() throws {
        var graph = try graph("constant-filters")
        try StaticQuantization().prepare(&graph)
        let data = try Self.images(48)
        let plan = try CrossLayerEqualization().plan(for: graph)
        var equalized = graph
        try plan.rescaling.apply(to: &equalized)
        let reference = try OutputError(of: graph, on: data)
        let quantized = try StepRunner(data: data).perform(.quantizeStatic(.init(samples: 48)), on: equalized).graph
        #expect(try reference.signalToNoise(of: quantized) > 30)
    }

    @Test func `What is left out is said`() throws {
        var comparison = SchemeComparison(
            scheme: QuantizationScheme(equalizes: true), rounding: .nearest)
        comparison.settle(equalized: 5.66, plain: 45.04, plainScheme: QuantizationScheme(), samples: 48)
        #expect(comparison.scheme == QuantizationScheme())
        #expect(
            comparison.notes == [
                "Equalization is left out: on 48 samples the outputs have 5.7 dB with it and 45 dB without."
            ])
        var other = SchemeComparison(scheme: QuantizationScheme(equalizes: true), rounding: .nearest)
        other.settle(equalized: 46, plain: 45, plainScheme: QuantizationScheme(), samples: 48)
        #expect(other.scheme.equalizes && other.notes.isEmpty)
    }

    // MARK: Few samples

    @Test func `Few samples judge schemes all together, many by held-out ones, which the ranges never see`() throws {
        func split(_ count: Int, compares: Bool) throws -> [Int] {
            let split = CalibrationSplit(
                of: try Self.images(count), samples: 512, seed: 0, compares: compares)
            return [split.calibration.count, split.judging.count]
        }
        #expect(try split(48, compares: true) == [43, 48])
        #expect(try split(600, compares: true) == [512, 64])
        #expect(try split(700, compares: true) == [512, 64])
        #expect(try split(700, compares: false)[0] == 512)
    }

    @Test(
        arguments: [(1, false, "1 sample"), (3, false, "3 samples"), (20, true, "18 samples of which all are equal")])
    func `Ranges of few samples or equal ones are called too narrow`(
        count: Int, isEqual: Bool, expected: String
    ) throws {
        let notes = try quality(graph("deconvolution"), .init(), on: Self.images(count, isEqual: isEqual)).outcome.notes
        let text =
            "Calibrated on \(expected): the ranges may be too narrow for other inputs; give at least 100 samples."
        #expect(notes.contains(text), "\(notes)")
        #expect(try CalibrationSplit.notes(on: Self.images(20)).isEmpty)
    }

    @Test func `A quantized model is not pruned, in the words of other commands`() throws {
        let graph = try graph("quantized-already")
        let pruning = Recipe.Step.prune(GradualPruning(.channels(.init(.macs(0.6)))))
        let text = errorText { _ = try StepRunner(data: nil).perform(pruning, on: graph) }
        #expect(text.contains("The model is quantized already; train, prune or distill the float model"), "\(text)")
    }
}
