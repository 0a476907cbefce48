import BantamEdge
import BantamGraph
import BantamNetwork
import BantamONNX
import BantamPipeline
import BantamQuantization
import BantamTensor
import BantamTestSupport
import FoundationEssentials
import Testing

/// Every kind of layer in every stored form says the same in ONNX Runtime, OpenVINO and libtorch.
///
/// What ONNX Runtime says of the files is in `Fixtures/goldens/quantized_layers.safetensors`, made by
/// `Scripts/golden/quantized_layers.py` of what ``QuantizedLayerDump`` writes.
@Suite struct QuantizedLayerTests {
    private static let golden = fixture("goldens/quantized_layers.safetensors")

    @Test(arguments: QuantizedLayer.all)
    func `A stored layer says the same in every runtime`(_ layer: QuantizedLayer) throws {
        let file = try SafeTensors.read(Self.golden)
        let advice: Comment = "make the reference values anew: see Scripts/golden/quantized_layers.py"
        let expected = try #require(file.tensors["\(layer.name)/output"], advice)
        let samples = LayerGraphs.samples(for: layer.graph)
        try #require(file.tensors["\(layer.graph.name)/input"] == samples, advice)
        let folder = try TemporaryFolder()
        let path = folder.file("layer.onnx")
        try ONNXFile.write(try layer.quantized(), to: path)

        let read = try ONNXFile.read(path).graph
        let own = try Network(read).forward([try Tensor(samples)]).outputs[0].data()
        #expect(own.difference(from: expected, tolerance: 1e-5) == nil)

        let session = try InferenceSession(contentsOf: path, options: SessionOptions(threads: 1))
        let deployed = try session.run([samples])[0]
        // OpenVINO rounds what it multiplies with integer weights of matrix products: docs/decisions/0019.
        #expect(deployed.difference(from: expected, tolerance: layer.isRoundedByOpenVINO ? 0.05 : 2e-5) == nil)
    }

    @Test(arguments: LayerGraphs.all.map(\.name)) func `Stored forms are close to float`(name: String) throws {
        let float = try #require(LayerGraphs.all.first { $0.name == name })
        let samples = LayerGraphs.samples(for: float)
        let reference = try Network(float).forward([try Tensor(samples)]).outputs[0].data().elements(of: Float.self)
        let signal = reference.reduce(0) { $0 + $1 * $1 }
        for layer in QuantizedLayer.all where layer.graph.name == name {
            let stored = try Network(try layer.quantized()).forward([try Tensor(samples)]).outputs[0].data()
            let noise = zip(stored.elements(of: Float.self), reference).reduce(0) { sum, pair in
                sum + (pair.0 - pair.1) * (pair.0 - pair.1)
            }
            #expect(noise < signal * (layer.step.isFourBit ? 0.03 : 3e-4), "\(layer.name)")
        }
    }
}

/// One layer in one stored form.
struct QuantizedLayer: CustomTestStringConvertible {
    var name: String
    var graph: Graph
    var step: Recipe.Step

    var testDescription: String { name }

    private static let steps: [(name: String, step: Recipe.Step)] =
        [("dynamic", .quantizeDynamic)]
        + WeightForm.allCases.map { ($0.rawValue, .quantizeWeights(WeightOnlyConfiguration(form: $0))) }
        + [WeightForm.int8, .int4].map { form in
            ("\(form.rawValue)-32", .quantizeWeights(WeightOnlyConfiguration(form: form, groupSize: 32)))
        }

    static let all = LayerGraphs.all.flatMap { graph in
        steps.compactMap { name, step in
            // A transposed convolution has no dynamic integer form.
            step == .quantizeDynamic && graph.name == "transposed"
                ? nil : QuantizedLayer(name: "\(graph.name)/\(name)", graph: graph, step: step)
        }
    }

    func quantized() throws -> Graph { try StepRunner(data: nil).perform(step, on: graph).graph }

    /// Whether a matrix product reads integer weights.
    var isRoundedByOpenVINO: Bool {
        guard case .quantizeWeights(let configuration) = step, configuration.form.isInteger else { return false }
        return ["linear", "tokens"].contains(graph.name)
    }
}

extension Recipe.Step {
    fileprivate var isFourBit: Bool {
        if case .quantizeWeights(let configuration) = self { configuration.form == .int4 } else { false }
    }
}

/// Writes the layers for the script that makes the reference values.
@Suite struct QuantizedLayerDump {
    static let folder = ProcessInfo.processInfo.environment["BANTAM_DUMP_LAYERS"]

    @Test(.enabled(if: folder != nil)) func `Layers are written for ONNX Runtime`() throws {
        let folder = try #require(Self.folder)
        for layer in QuantizedLayer.all {
            let name = layer.name.split(separator: "/").joined(separator: ".")
            try ONNXFile.write(try layer.quantized(), to: "\(folder)/\(name).onnx")
            let samples = SafeTensors(
                tensors: ["input": LayerGraphs.samples(for: layer.graph)], metadata: ["layer": layer.name])
            try samples.write(to: "\(folder)/\(name).safetensors")
        }
    }
}
