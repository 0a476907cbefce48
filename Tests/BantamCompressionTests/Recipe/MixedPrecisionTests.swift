import BantamCompression
import BantamGraph
import BantamTestSupport
import BantamTraining
import Testing

/// Limits of quantization, with a runtime that is made to object to the integers of some layers.
@Suite struct MixedPrecisionTests {
    private var samples = BandSamples(count: 240)

    /// Answers as the labels say, unless one of these layers has integer weights; then every answer is 0.
    private func meter(objectingTo layers: Set<String>) -> ModelMeter {
        ModelMeter(
            fileSize: { graph in
                graph.constantBytes
            },
            answers: { graph, data in
                layers.isDisjoint(with: graph.integerLayers)
                    ? data.labels : [Int?](repeating: 0, count: data.count)
            })
    }

    private func quantized(
        _ limits: PrecisionLimits?, objectingTo layers: Set<String> = []
    ) throws -> StepRunner.Outcome {
        let runner = StepRunner(data: try samples.data(), meter: meter(objectingTo: layers))
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

    @Test func `A budget leaves as much in floating point as it allows`() throws {
        let whole = Double(samples.classifier().constantBytes.bytes)
        let sizes = try [0.45, 0.6, 0.95].map { share in
            let outcome = try quantized(PrecisionLimits(budget: PruningTarget(.fileSize, .fraction(share))))
            #expect(Double(outcome.graph.constantBytes.bytes) <= share * whole)
            #expect(!outcome.graph.integerLayers.isEmpty)
            return outcome.graph.integerLayers.count
        }
        #expect(sizes == sizes.sorted(by: >) && sizes.last ?? 3 < 3)
    }

    @Test func `A budget below what integers reach ends in an error`() throws {
        let error = #expect(throws: CompressionError.self) {
            _ = try quantized(PrecisionLimits(budget: PruningTarget(.fileSize, .fraction(0.01))))
        }
        #expect(error?.code == .unreachableTarget)
        #expect(error?.message.contains("in INT8 that can be, the model has") == true)
    }

    @Test func `Without labels the answers that change count`() throws {
        var samples = samples
        samples.isLabelled = false
        var asked = 0
        let meter = ModelMeter(answers: { graph, data in
            asked += 1
            // The original says 1 to all; with integers in conv2 a tenth of that is lost.
            return (0..<data.count).map { graph.integerLayers.contains("conv2") && $0.isMultiple(of: 10) ? 0 : 1 }
        })
        let outcome = try StepRunner(data: try samples.data(), meter: meter).perform(
            .quantizeStatic(.init(samples: 32, limits: PrecisionLimits(maximumDrop: 1))), on: samples.classifier())
        #expect(outcome.graph.integerLayers == ["conv1", "fc"])
        #expect(asked > 2)
    }
}

extension Graph {
    fileprivate var constantBytes: ByteCount { ByteCount(constants.values.reduce(0) { $0 + $1.byteCount.bytes }) }

    /// The names of the layers whose weights are int8.
    fileprivate var integerLayers: Set<String> {
        Set(
            nodes.values.filter { node in
                guard let weight = node.inputs.count > 1 ? node.inputs[1] : nil, let source = producer(of: weight)
                else {
                    return false
                }
                return source.operatorName == "DequantizeLinear"
            }.map(\.name))
    }
}
