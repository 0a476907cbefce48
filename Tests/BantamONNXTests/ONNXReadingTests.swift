import BantamGraph
import BantamONNX
import BantamTestSupport
import Testing

@Suite struct `Reading ONNX` {
    @Test func `An image classifier becomes a graph that verifies`() throws {
        let file = try Fixture.read("image_classifier")
        try Verifier.verify(file.graph)
        #expect(
            file.graph.operatorNames == ["Conv", "BatchNormalization", "Clip", "GlobalAveragePool", "Flatten", "Gemm"])
        #expect(file.graph.inputs.map(\.dimensions) == [["N", 3, 16, 16]])
        let conv = try file.graph.node(named: "conv")
        #expect(conv.attributes["pads"] == .ints([1, 1, 1, 1]))
        #expect(file.graph.constant(1, of: conv)?.shape == [4, 3, 3, 3])
        let clip = try file.graph.node(named: "clip")
        #expect(clip.inputs.count == 3 && clip.inputs[1] == nil)
        file.graph.checkInvariants()
    }

    @Test func `The header tells size, opset and producer`() throws {
        let header = try Fixture.read("image_classifier").header
        #expect(header.fileBytes == ByteCount(try bytes(ofFile: Fixture.path("image_classifier")).count))
        #expect(header.opset == 17 && header.opsets == ["": 17] && header.irVersion == 8)
        #expect(header.producer == "fixtures 1")
    }

    @Test func `Metadata keeps its order and its letters`() throws {
        let metadata = try Fixture.read("image_classifier").graph.metadata
        #expect(metadata[ModelMetadata.classes] == #"["a","b","c","d","é"]"#)
        #expect(metadata["other"] == "")
        #expect(metadata.keys.elements == [ModelMetadata.classes, "other"])
    }

    @Test func `A clip model has five axes, and axes of one name are one size`() throws {
        let graph = try Fixture.read("clip_classifier").graph
        #expect(graph.inputs.map(\.dimensions) == [["N", 3, "T", "S", "S"]])
        let types = try ShapeInference(of: graph, sizes: ["N": 2, "T": 8, "S": 16])
        #expect(graph.outputs.map { types[$0]?.shape } == [[2, 2, 8, 16, 16], [2, 2]])
    }

    @Test func `Constant nodes become constants, and an initializer listed as an input is none`() throws {
        let graph = try Fixture.read("constants").graph
        #expect(graph.inputs.map { graph[$0.value].name } == ["x"])
        #expect(graph.operatorNames == ["Add", "Mul", "Add", "Sub", "Reshape"])
        #expect(try graph.constant(named: "float") == TensorData(scalar: Float(2.5)))
        #expect(try graph.constant(named: "floats") == TensorData([4], [1, 2, 3, 4] as [Float]))
        #expect(try graph.constant(named: "int") == TensorData(scalar: Int64(-3)))
        #expect(try graph.constant(named: "ints") == TensorData([2], [4, 1] as [Int64]))
        #expect(try graph.constant(named: "tensor").shape == [4])
        #expect(try graph.constant(named: "default").shape == [4])
    }

    @Test func `Nodes are put in order, and what has no name gets one`() throws {
        let graph = try Fixture.read("loose").graph
        #expect(graph.operatorNames == ["LeakyRelu", "Add"])
        #expect(graph.nodes.values.map(\.name) == ["LeakyRelu_1", "Add_0"])
        #expect(graph.nodes.values[0].attributes["alpha"] == .float(0.5))
        #expect(graph.nodes.values[0].outputs.count == 2 && graph.nodes.values[0].outputs[1] == nil)
        #expect(graph.inputs.map(\.dimensions) == [[.free("x_0_1"), 4, .free("x_2"), .free("x_0")]])
        graph.checkInvariants()
    }

    @Test func `Local functions are written out, with their attributes and defaults`() throws {
        let graph = try Fixture.read("functions").graph
        #expect(graph.operatorNames == ["LeakyRelu", "Elu", "Neg", "Identity", "LeakyRelu", "Elu", "Add"])
        let leaky = graph.nodes.values.filter { $0.operatorName == "LeakyRelu" }
        #expect(leaky.map { $0.attributes["alpha"] } == [.float(0.25), .float(0.5)])
        let elu = graph.nodes.values.filter { $0.operatorName == "Elu" }
        #expect(elu.map { $0.attributes["alpha"] } == [.float(0.75), .float(0.75)])
        try Verifier.verify(graph)
    }

    @Test func `The body of a control-flow node may read values around it`() throws {
        let graph = try Fixture.read("branches").graph
        let node = try graph.node(named: "if")
        guard case .graph(let body)? = node.attributes["then_branch"] else {
            Issue.record("then_branch is no graph")
            return
        }
        #expect(body.operatorNames == ["Neg"])
        #expect(body.nodes.values[0].inputs.map { $0.map { body[$0].name } } == ["h"])
    }

    @Test func `Control flow of a known course is written out`() throws {
        let graph = try Fixture.read("steady_flow").graph
        #expect(!graph.operatorNames.contains { ["Loop", "If"].contains($0) || $0.hasPrefix("Sequence") })
        // Two turns and the rest; what they cut is joined and, as it is not of size 1, negated.
        #expect(graph.operatorNames.filter { $0 == "Slice" }.count == 3)
        #expect(graph.operatorNames.contains("Neg") && !graph.operatorNames.contains("Squeeze"))
        try Verifier.verify(graph)
        for batch in [1, 5] {
            let types = try ShapeInference(of: graph, sizes: ["N": batch])
            #expect(types[graph.outputs[0]]?.shape == [batch, 3, 2])
        }
        graph.checkInvariants()
    }

    @Test func `A loop longer than the limit stays one, and is refused`() throws {
        var limits = ONNXLimits()
        limits.loopTurns = 1
        let error = #expect(throws: ONNXError.self) {
            try ONNXFile.read(Fixture.path("steady_flow"), limits: limits)
        }
        #expect(error?.code == .unsupportedType)
    }

    @Test func `Every element type reads the same from raw bytes and from typed fields`() throws {
        let raw = try Fixture.read("stored_raw").graph.contents.constants
        let typed = try Fixture.read("stored_typed").graph.contents.constants
        #expect(raw == typed)
        #expect(Set(raw.values.map(\.dtype)) == Set(DType.allCases))
    }

    @Test func `Typed numbers keep their values`() throws {
        let graph = try Fixture.read("stored_typed").graph
        #expect(try graph.constant(named: "float32").elements(of: Float.self) == [0.5, -1.5, 2, 3, 4, 5])
        #expect(try graph.constant(named: "float64").elements(of: Double.self) == [0.1, -2])
        #expect(try graph.constant(named: "int64").elements(of: Int64.self) == [.min, .max])
        #expect(try graph.constant(named: "int32").elements(of: Int32.self) == [.min, .max])
        #expect(try graph.constant(named: "int16").elements(of: Int16.self) == [.min, .max])
        #expect(try graph.constant(named: "int8").elements(of: Int8.self) == [-128, -1, 127])
        #expect(try graph.constant(named: "uint64").elements(of: UInt64.self) == [0, .max])
        #expect(try graph.constant(named: "uint32").elements(of: UInt32.self) == [0, .max])
        #expect(try graph.constant(named: "uint16").elements(of: UInt16.self) == [0, .max])
        #expect(try graph.constant(named: "uint8").elements(of: UInt8.self) == [0, .max])
        #expect(try graph.constant(named: "bool").elements(of: Bool.self) == [true, false, true])
        #expect(try graph.constant(named: "scalar") == TensorData(scalar: Float(7)))
        #expect(try graph.constant(named: "empty").shape == [0])
        // -8 and -1, 0 and 3, 7: two to a byte, the first in the low half.
        #expect(try graph.constant(named: "int4").withUnsafeBytes { Array($0) } == [0xF8, 0x30, 0x07])
        #expect(try graph.constant(named: "float16").withUnsafeBytes { Array($0) } == [0, 0x38, 0, 0xBD, 0xFF, 0x7B])
        #expect(
            try graph.constant(named: "bfloat16").withUnsafeBytes { Array($0) } == [0, 0x3F, 0xA0, 0xBF, 0x40, 0x40])
    }

    @Test func `A model outlives the replacement of its file`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(try bytes(ofFile: Fixture.path("image_classifier")), to: "model.onnx")
        let graph = try ONNXFile.read(path).graph
        let before = try graph.constant(named: "fc.weight").elements(of: Float.self)
        _ = try folder.write([0], to: "model.onnx")
        #expect(try graph.constant(named: "fc.weight").elements(of: Float.self) == before)
    }
}
