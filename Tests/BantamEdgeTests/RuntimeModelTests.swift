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
    func `A graph in memory is computed as libtorch does`(_ name: String) throws {
        var file = try ONNXFile.read(caseFile(name))
        _ = try file.normalize()
        let inputs = file.graph.sampleInputs()
        let executable = try OpenVINORuntime(threads: 1).load(file.graph, precision: .float32)
        for (found, expected) in zip(try executable.run(inputs), try reference(file.graph, inputs)) {
            #expect(found.isClose(to: expected.elements(), tolerance: 1e-4))
        }
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

    @Test(
        arguments: [
            "clip_classifier", "constants", "forms_11", "forms_18", "functions",
            "group_norm_18", "image_classifier", "newest", "resize_10", "softmax_11", "softmax_chain_11",
            "steady_flow", "stored_raw", "stored_typed",
        ])
    func `Files of all opsets are computed as they are read`(_ name: String) throws {
        let path = BantamTestSupport.fixture("onnx/\(name).onnx")
        var file = try ONNXFile.read(path)
        _ = try file.normalize()
        let inputs = file.graph.sampleInputs()
        let expected = try reference(file.graph, inputs)
        let found = try InferenceSession(contentsOf: path).run(inputs)
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) {
            #expect(found.type == expected.type)
            if expected.dtype == .float32 { #expect(found.isClose(to: expected.elements(), tolerance: 1e-4)) }
        }
    }

    @Test(arguments: [DType.float16, .bfloat16, .float64]) func `Other floating-point types are taken as float32`(
        _ dtype: DType
    ) throws {
        var build = GraphBuilder(name: "typed")
        let input = build.input("x", dtype, ["N", 4])
        let weight = build.constant(
            "w", TensorData(TensorType(dtype, [4, 2]), rounding: [1, 2, 3, 4, -1, -2, 0.5, 0]))
        build.output(build.node("Relu", [build.node("MatMul", [input, weight])], name: "relu"), name: "y")
        let session = try session(build.graph)
        let found = try session.run([TensorData([1, 4], [1, 0.5, -2, 4] as [Float])])[0]
        #expect(found.isClose(to: [6.5, 8]))
        var wide = build.graph
        try wide.widenToFloat32()
        #expect(try reference(wide, [TensorData([1, 4], [1, 0.5, -2, 4] as [Float])])[0].isClose(to: [6.5, 8]))
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
