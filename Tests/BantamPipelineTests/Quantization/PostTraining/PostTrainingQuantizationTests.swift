import BantamGraph
import BantamMedia
import BantamNetwork
import BantamPipeline
import BantamTensor
import BantamTestSupport
import BantamTraining
import FoundationEssentials
import Testing

@testable import BantamQuantization

/// Static quantization on data, as a step of a recipe.
@Suite struct PostTrainingQuantizationTests {
    let samples = BandSamples()

    private func trained(_ samples: BandSamples) throws -> (graph: Graph, data: TrainingData, runner: StepRunner) {
        let data = try samples.data()
        let runner = StepRunner(data: data)
        return (try runner.perform(.train(.quick(epochs: 6)), on: samples.classifier()).graph, data, runner)
    }

    private func record(_ outcome: StepRunner.Outcome) throws -> StaticQuantizationRecord {
        try #require(outcome.plan as? StaticQuantizationRecord)
    }

    @Test func `Of several schemes the one is taken whose outputs differ least`() throws {
        let (graph, data, runner) = try trained(samples)
        let configuration = StaticQuantizationConfiguration(samples: 40, choosesScheme: true)
        let outcome = try runner.perform(.quantizeStatic(configuration), on: graph)
        let record = try record(outcome)
        #expect(record.candidates.count >= Calibrators.all.count + 2)
        #expect(Set(record.candidates.map(\.scheme)).count == record.candidates.count)
        let best = record.candidates.max { $0.signalToNoise < $1.signalToNoise }
        let taken = record.candidates.first { $0.scheme == record.scheme }
        #expect(record.candidates[0].scheme == configuration.scheme)
        #expect((best?.signalToNoise ?? 0) - (taken?.signalToNoise ?? 0) <= SchemeComparison.margin)
        let error = try OutputError(of: graph, on: data)
        #expect(try error.signalToNoise(of: outcome.graph) > 15)
        #expect(try error.signalToNoise(of: graph) == 200)
    }

    @Test func `A scheme that is given is kept to`() throws {
        let (graph, _, runner) = try trained(samples)
        let configuration = StaticQuantizationConfiguration(
            calibrator: Percentile.name, samples: 20, correctsBias: false, improves: false)
        let record = try record(runner.perform(.quantizeStatic(configuration), on: graph))
        #expect(record.scheme == configuration.scheme && record.candidates.isEmpty && record.biasShifts.isEmpty)
        #expect(record.notes == ["3 of 3 layers compute in INT8, with 100 % of the MACs."])
    }

    @Test func `Equalization that is asked for is done, or left out with a note`() throws {
        let (graph, _, runner) = try trained(samples)
        let configuration = StaticQuantizationConfiguration(samples: 20, equalizes: true, improves: false)
        let outcome = try runner.perform(.quantizeStatic(configuration), on: graph)
        let record = try record(outcome)
        #expect(record.scheme.equalizes == (record.equalization?.channels ?? 0 > 0))
        #expect(record.scheme.equalizes || outcome.notes.contains { $0.contains("Equalization is left out") })
    }

    @Test(arguments: [WeightRounding.compensating, .adaptive(steps: 5)], [true, false])
    func `Rounding and biases by layers are reported`(rounding: WeightRounding, correctsBias: Bool) throws {
        let (graph, data, runner) = try trained(samples)
        let configuration = StaticQuantizationConfiguration(
            samples: 40, correctsBias: correctsBias, rounding: try throughJSON(rounding))
        let outcome = try runner.perform(.quantizeStatic(configuration), on: graph)
        let record = try record(outcome)
        if record.roundings.isEmpty {
            // A few steps of learning need not gain anything.
            #expect(outcome.notes.contains { $0.hasPrefix("The rounding that was asked for is left out") })
        } else {
            #expect(record.roundings.map(\.node).count == 3 && record.roundings.allSatisfy { $0.errorAfter > 0 })
        }
        #expect(record.biasShifts.count == (correctsBias ? 3 : 0))
        #expect(try OutputError(of: graph, on: data).signalToNoise(of: outcome.graph) > 15)
    }

    @Test(arguments: [nil, 3]) func `A model that takes bytes answers as the one that takes numbers`(
        frames: Int?
    ) throws {
        let samples = BandSamples(frames: frames)
        let (graph, data, runner) = try trained(samples)
        let configuration = StaticQuantizationConfiguration(samples: 40, input: .uint8)
        let quantized = try runner.perform(.quantizeStatic(configuration), on: graph).graph
        #expect(quantized.inputs[0].dtype == .uint8)
        #expect(!quantized.nodes.values.contains { $0.name == "input.quantize" })
        let bytes = TrainingData(data.dataset, preprocessing: data.preprocessing.leavingBytes)
        var agreeing = 0
        try bytes.batches(size: 48).forEachBatch(epoch: 0) { batch in
            let pixels = try batch.inputs.converted(to: .uint8)
            let answers = try quantized.run([try pixels.data()])[0].elements(of: Float.self)
            var numbers: [Float] = []
            try data.batches(size: 48).forEachBatch(epoch: 0) { batch in
                numbers = try graph.run([try batch.inputs.data()])[0].elements(of: Float.self)
            }
            func best(_ scores: [Float], _ row: Int) -> Int? {
                (0..<3).max { scores[row * 3 + $0] < scores[row * 3 + $1] }
            }
            agreeing = (0..<48).count { best(answers, $0) == best(numbers, $0) }
        }
        #expect(agreeing >= 46)
    }

    @Test func `Recipes from before a setting was added can be read`() throws {
        let old = #"{"target": "x86", "calibrator": "mse", "samples": 9, "seed": 3}"#
        let configuration = try JSONDecoder().decode(StaticQuantizationConfiguration.self, from: Data(old.utf8))
        #expect(configuration.target == "x86" && configuration.calibrator == "mse" && configuration.samples == 9)
        #expect(configuration.scheme.equalizes == QuantizationScheme().equalizes && configuration.rounding == .nearest)
        var other = StaticQuantizationConfiguration(
            equalizes: true, correctsBias: false, choosesScheme: true, rounding: .adaptive(steps: 5), input: .uint8)
        other.scheme.isSymmetric = true
        #expect(try throughJSON(other) == other)
    }

    // MARK: Bad input

    @Test func `Samples of different shapes are refused by name`() throws {
        let images = [6, 8].map { Image(width: $0, height: 6, channels: 1, pixels: Array(repeating: 7, count: 6 * $0)) }
        let dataset = SampleArray(
            images.enumerated().map { Sample(.image($1), label: 0, name: "sample \($0)") }, classNames: ["one"])
        let preprocessing = try Preprocessing(colorOrder: .gray, mean: [0.4], std: [0.25])
        let runner = StepRunner(data: TrainingData(dataset, preprocessing: preprocessing))
        do {
            _ = try runner.perform(.quantizeStatic(.init(samples: 2)), on: samples.classifier())
            Issue.record("two shapes were calibrated on")
        } catch {
            let text = "\(error)"
            #expect(text.contains("6") && text.contains("8"), "\(text)")
        }
    }

    @Test func `Constant activations are represented`() throws {
        let (graph, _, _) = try trained(samples)
        for level: UInt8 in [0, 102, 255] {
            let pixels = Image(width: 6, height: 6, channels: 1, pixels: Array(repeating: level, count: 36))
            let dataset = SampleArray([Sample(.image(pixels), label: 0, name: "flat")], classNames: ["a", "b", "c"])
            // 102 is the mean, so the model's input is zero throughout.
            let preprocessing = try Preprocessing(colorOrder: .gray, mean: [0.4], std: [0.25])
            let data = TrainingData(dataset, preprocessing: preprocessing)
            let outcome = try StepRunner(data: data).perform(.quantizeStatic(.init(samples: 1)), on: graph)
            #expect(try OutputError(of: graph, on: data).signalToNoise(of: outcome.graph) > 20)
        }
    }

    @Test func `An activation that becomes infinite is named`() throws {
        var graph = samples.classifier()
        graph.setNumbers("conv2.weight") { _, _ in 3e38 }
        let (damaged, runner) = (graph, StepRunner(data: try samples.data()))
        let text = errorText { _ = try runner.perform(.quantizeStatic(.init(samples: 8)), on: damaged) }
        #expect(text.contains("The activation relu2.out holds NaN or infinity during calibration"), "\(text)")
    }

    @Test func `Without data to calibrate on nothing is quantized`() {
        let text = errorText {
            _ = try StepRunner(data: nil).perform(.quantizeStatic(.init()), on: samples.classifier())
        }
        #expect(text.contains("calibrates and was given no data"))
    }

    @Test func `A model that no target can quantize is refused with the reasons`() throws {
        var build = GraphBuilder(name: "softmax")
        let x = build.input("input", .float32, ["N", 1, 6, 6])
        build.output(build.node("Softmax", [x], name: "softmax"), name: "output")
        let runner = StepRunner(data: try samples.data())
        for target in TargetProfiles.all {
            let text = errorText {
                _ = try runner.perform(.quantizeStatic(.init(target: target.name)), on: build.graph)
            }
            #expect(text.contains("the result would be the same float model"))
            #expect(text.contains("softmax (Softmax) stays in floating point"))
        }
    }

    @Test func `Layers that stay in floating point are named`() throws {
        let clips = BandSamples(frames: 3)
        let runner = StepRunner(data: try clips.data())
        let configuration = StaticQuantizationConfiguration(target: "npu-2d", samples: 20)
        let notes = try runner.perform(.quantizeStatic(configuration), on: clips.classifier()).notes
        #expect(notes[0].hasPrefix("1 of 3 layers compute in INT8"))
        let expected = ["conv1", "conv2"].map {
            "\($0) (Conv) stays in floating point: npu-2d has no integer kernel for 3-dimensional Conv."
        }
        #expect(Array(notes.dropFirst()) == expected)
    }

    @Test func `A model whose input is not read by convolutions cannot take bytes`() throws {
        var build = GraphBuilder(name: "flat")
        let x = build.image(1, 6, 6)
        let flat = build.node("Flatten", [x], name: "flatten", attributes: ["axis": .int(1)])
        build.output(build.linear(flat, "fc", from: 36, to: 3), name: "output")
        let runner = StepRunner(data: try samples.data())
        let text = errorText { _ = try runner.perform(.quantizeStatic(.init(input: .uint8)), on: build.graph) }
        #expect(text.contains("cannot take bytes as its input: flatten (Flatten) reads it"), "\(text)")
    }
}
