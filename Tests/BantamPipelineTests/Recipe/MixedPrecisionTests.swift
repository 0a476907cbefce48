import BantamGraph
import BantamModel
import BantamPipeline
import BantamQuantization
import BantamStage
import BantamTestSupport
import BantamTraining
import Testing

/// Limits of quantization, with a runtime that is made to object to the integers of some layers.
@Suite struct MixedPrecisionTests {
    private var samples = BandSamples(count: 240)

    /// Answers as the labels say, unless one of these layers has integer weights; then every answer is 0.
    private func context(objectingTo layers: Set<String>) throws -> StageContext {
        // What is asked are held-out samples, in the order of the data set.
        let labels = try samples.data().settingAside().heldOut?.labels ?? []
        return StageContext(
            runtime: ScriptedRuntime(answers: { graph in
                layers.isDisjoint(with: graph.integerLayers) ? labels : [Int](repeating: 0, count: labels.count)
            }),
            meter: ScriptedMeter(size: { $0.constantBytes }))
    }

    private func quantized(
        _ limits: PrecisionLimits?, objectingTo layers: Set<String> = []
    ) throws -> StepRunner.Outcome {
        let runner = StepRunner(data: try samples.data(), in: try context(objectingTo: layers))
        return try runner.perform(
            .quantizeStatic(StaticQuantizationConfiguration(samples: 32, limits: limits)), on: samples.classifier())
    }

    @Test func `All layers are in integers where that does no harm`() throws {
        let outcome = try quantized(PrecisionLimits(maximumDrop: 0))
        #expect(outcome.graph.integerLayers == ["conv1", "conv2", "fc"])
        #expect(outcome.notes.contains { $0.contains("3 of 3 layers compute in INT8, with 100 %") })
        #expect(outcome.notes.contains { $0.contains("drop on held-out samples is 0") })
    }

    @Test(arguments: [["conv1"], ["conv2"], ["conv1", "fc"]])
    func `Exactly the layers that do harm are put back and named`(layers: [String]) throws {
        let outcome = try quantized(PrecisionLimits(maximumDrop: 0.5), objectingTo: Set(layers))
        #expect(outcome.graph.integerLayers == Set(["conv1", "conv2", "fc"]).subtracting(layers))
        for layer in layers {
            #expect(outcome.notes.contains { $0.contains(layer) && $0.contains("stays in floating point: INT8 there") })
        }
    }

    @Test func `A limit that no operator in integers keeps to ends in an error`() throws {
        let error = #expect(throws: CompressionError.self) {
            _ = try quantized(PrecisionLimits(maximumDrop: 0.5), objectingTo: ["conv1", "conv2", "fc"])
        }
        #expect(error?.code == .unreachableTarget)
        #expect(error?.message.contains("None of the 3 operators") == true)
    }

    // MARK: Budgets

    /// Wide enough that the weights are most of the file.
    private var wide: Graph { samples.classifier(width: 64) }

    private func fitted(_ share: Double) throws -> StepRunner.Outcome {
        let runner = StepRunner(data: try samples.data(), in: try context(objectingTo: []))
        let limits = PrecisionLimits(
            budget: PruningTarget(.fileSize, .fraction(share)), negligibleDivergence: 0)
        return try runner.perform(.quantizeStatic(.init(samples: 32, limits: limits)), on: wide)
    }

    @Test(arguments: [0.95, 0.5, 0.45, 0.4, 0.35, 0.25, 0.24])
    func `A size is kept to, with as wide weights as it allows`(share: Double) throws {
        let outcome = try fitted(share)
        let size = Double(outcome.graph.constantBytes.bytes)
        #expect(size <= share * Double(wide.constantBytes.bytes))
        let stored = outcome.graph.storedWeights
        // The linear layer's is never of four bits: OpenVINO could not run it behind integers.
        #expect(stored["fc"] == .int8 || stored["fc"] == .bfloat16)
        #expect(stored.values.contains(.int8))
        // Half is what bfloat16 takes: with more, only the one that has to be in integers is.
        if share > 0.6 { #expect(stored.values.count { $0 == .bfloat16 } == 2) }
        // A third is more than INT8 takes, which alone computes in integers.
        if share > 0.34 { #expect(Set(stored.values).isSubset(of: [.int8, .bfloat16])) }
        if share < 0.3 { #expect(!Set(stored.values).isDisjoint(with: [.int4, .uint4])) }
        for (layer, dtype) in stored where dtype != .int8 {
            let words = dtype == .bfloat16 ? "stored as bfloat16: INT8" : "weights of four bits: they alone"
            #expect(outcome.notes.contains { $0.contains(layer) && $0.contains(words) })
        }
    }

    @Test func `Weights of four bits have their biases corrected`() throws {
        let runner = StepRunner(data: try samples.data(), in: try context(objectingTo: []))
        func biases(corrected: Bool) throws -> [String: [Float]] {
            let limits = PrecisionLimits(budget: PruningTarget(.fileSize, .fraction(0.24)))
            let graph = try runner.perform(
                .quantizeStatic(.init(samples: 32, limits: limits, correctsBias: corrected)), on: wide
            ).graph
            return Dictionary(
                uniqueKeysWithValues: graph.storedWeights.filter { [.int4, .uint4].contains($0.value) }.keys.map {
                    ($0, graph.numbers("\($0).bias"))
                })
        }
        let (plain, corrected) = (try biases(corrected: false), try biases(corrected: true))
        #expect(!plain.isEmpty && plain.keys == corrected.keys)
        for (layer, numbers) in plain { #expect(corrected[layer] != numbers) }
    }

    @Test func `Integers that do no harm stay, whatever the size allows`() throws {
        let runner = StepRunner(data: try samples.data(), in: try context(objectingTo: []))
        let limits = PrecisionLimits(budget: PruningTarget(.fileSize, .fraction(0.95)))
        // An untrained model hardly tells its classes apart: INT8 changes next to nothing.
        let outcome = try runner.perform(
            .quantizeStatic(.init(samples: 32, limits: limits)), on: wide)
        #expect(outcome.graph.integerLayers == ["conv1", "conv2", "fc"])
    }

    @Test func `A size that no form of the weights reaches ends in an error`() throws {
        let error = #expect(throws: CompressionError.self) { _ = try fitted(0.01) }
        #expect(error?.code == .unreachableTarget)
        #expect(error?.message.contains("with all weights in their narrowest forms it still has") == true)
    }

    @Test func `A time leaves as many in floating point as it allows, and is refused where INT8 takes more`() throws {
        func outcome(_ most: Double) throws -> StepRunner.Outcome {
            let meter = ScriptedMeter(time: { .milliseconds(20 - 5 * $0.integerLayers.count) })
            let limits = PrecisionLimits(budget: PruningTarget(.latency, .amount(most)), negligibleDivergence: 0)
            return try StepRunner(data: try samples.data(), in: StageContext(meter: meter)).perform(
                .quantizeStatic(.init(samples: 32, limits: limits)), on: wide)
        }
        #expect(try outcome(5).graph.integerLayers.count == 3)
        #expect(try outcome(12).graph.integerLayers.count == 2)
        #expect(try outcome(19).graph.integerLayers.count == 1)
        #expect(errorText { _ = try outcome(4) }.contains("With all operators in INT8 that can be, the model has 5"))
    }

    @Test func `Without labels the answers that change count`() throws {
        var samples = samples
        samples.isLabelled = false
        var asked = 0
        let runtime = ScriptedRuntime(answers: { graph in
            asked += 1
            // The original says 1 to all; with integers in conv2 a tenth of that is lost.
            return (0..<240).map { graph.integerLayers.contains("conv2") && $0.isMultiple(of: 10) ? 0 : 1 }
        })
        let outcome = try StepRunner(data: try samples.data(), in: StageContext(runtime: runtime)).perform(
            .quantizeStatic(.init(samples: 32, limits: PrecisionLimits(maximumDrop: 1))), on: samples.classifier())
        #expect(outcome.graph.integerLayers == ["conv1", "fc"])
        #expect(asked > 2)
    }
}

extension Graph {
    fileprivate var constantBytes: ByteCount { ByteCount(constants.values.reduce(0) { $0 + $1.byteCount.bytes }) }

    /// What each layer's weight is stored as.
    fileprivate var storedWeights: [String: DType] {
        var types: [String: DType] = [:]
        for node in nodes.values where ["Conv", "Gemm"].contains(node.operatorName) {
            var weight = node.inputs[1]
            while let value = weight, constants[value] == nil { weight = producer(of: value)?.inputs[0] }
            types[node.name] = weight.flatMap { constants[$0]?.dtype }
        }
        return types
    }

    /// The names of the layers whose weights are int8.
    fileprivate var integerLayers: Set<String> { Set(storedWeights.filter { $0.value == .int8 }.keys) }
}
