import BantamGraph
import BantamNetwork
import BantamONNX
import BantamTensor
import BantamTestSupport
import Testing

@testable import BantamEdge

/// What OpenVINO would compute in another way than ONNX says, against libtorch.
@Suite struct RuntimeModelTests {
    private func reference(_ graph: Graph, _ inputs: [TensorData]) throws -> [TensorData] {
        let network = try Network(graph)
        return try withoutGradients {
            try network.forward(try inputs.map { try Tensor($0) }).outputs.map { try $0.data() }
        }
    }

    private func session(_ graph: Graph) throws -> InferenceSession {
        let folder = try TemporaryFolder()
        try ONNXFile.write(graph, to: folder.file("m.onnx"))
        return try InferenceSession(contentsOf: folder.file("m.onnx"))
    }

    private func caseFile(_ name: String) -> String { BantamTestSupport.fixture("cases/\(name).onnx") }

    @Test(arguments: PoolGraphs.all) func `Pools are those of ONNX`(_ sample: PoolGraphs.Sample) throws {
        let inputs = sample.graph.sampleInputs()
        let expected = try reference(sample.graph, inputs)[0]
        let found = try session(sample.graph).run(inputs)[0]
        #expect(found.shape == expected.shape)
        #expect(found.isClose(to: expected.elements()))
    }

    @Test(arguments: ["softmax-opset-11", "average-pool-ceil", "local-function", "opset-22", "training-batchnorm"])
    func `A file is computed as it is read`(_ name: String) throws {
        var file = try ONNXFile.read(caseFile(name))
        _ = try file.normalize()
        let inputs = file.graph.sampleInputs()
        let expected = try reference(file.graph, inputs)
        let session = try InferenceSession(contentsOf: caseFile(name))
        #expect(session.path == caseFile(name))
        #expect(session.outputs.map(\.name) == file.graph.outputs.map { file.graph[$0].name })
        for (found, expected) in zip(try session.run(inputs), expected) {
            #expect(found.isClose(to: expected.elements(), tolerance: 1e-4))
        }
    }

    @Test func `A model of float16 takes and gives float32`() throws {
        var file = try ONNXFile.read(caseFile("float16"))
        let session = try InferenceSession(contentsOf: caseFile("float16"))
        #expect(session.inputs.map(\.dtype) == [.float32] && session.outputs.map(\.dtype) == [.float32])
        #expect(session.inputs.map(\.name) == file.graph.inputs.map { file.graph[$0.value].name })
        _ = try file.normalize()
        let inputs = file.graph.sampleInputs()
        let expected = try reference(file.graph, inputs)
        // The file's own rounding to half precision.
        for (found, expected) in zip(try session.run(inputs), expected) {
            #expect(found.isClose(to: expected.elements(), tolerance: 0.01))
        }
        // Widened, and then stored as before, it computes the same.
        file.graph.narrowToStoredTypes()
        for (found, expected) in zip(try self.session(file.graph).run(inputs), expected) {
            #expect(found.isClose(to: expected.elements(), tolerance: 0.01))
        }
    }

    @Test func `A file that nothing must be rewritten in is opened as it is`() throws {
        for name in ["conv2d", "conv2d_int8", "conv3d", "identity", "truncated", "unknown_operator"] {
            #expect(try RuntimeModel(contentsOf: fixture(name)).bytes == nil, "\(name)")
        }
        #expect(try RuntimeModel(contentsOf: caseFile("average-pool-ceil")).bytes != nil)
    }

    @Test func `What cannot be read for what it means is refused in one sentence`() throws {
        for (name, text) in [("opset_25", "Opset 25 is not supported"), ("function_opset", "The function")] {
            let path = BantamTestSupport.fixture("onnx/malformed/\(name).onnx")
            let error = #expect(throws: EdgeError.self) { try InferenceSession(contentsOf: path) }
            #expect(error?.code == .unsupportedModel)
            #expect(error?.message.hasPrefix(text) == true)
            #expect(error?.message.contains("OpenVINO") == false && error?.message.contains("\n") == false)
            #expect(error?.location?.file == path)
        }
    }
}
