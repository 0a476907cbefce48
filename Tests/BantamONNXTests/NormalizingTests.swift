import BantamGraph
import BantamONNX
import BantamTestSupport
import Testing

@Suite struct `Bringing what a file holds to what is computed with` {
    private func copy(of graph: Graph) throws -> ONNXFile {
        let folder = try TemporaryFolder()
        try ONNXFile.write(graph, to: folder.file("m.onnx"))
        return try ONNXFile.read(folder.file("m.onnx"))
    }

    @Test func `A model of float16 is widened, which is said, and stored as before on request`() throws {
        var build = GraphBuilder(name: "half")
        let input = build.input("x", .float16, ["N", 4])
        let numbers = TensorData(TensorType(.float16, [4, 2]), rounding: [1, 2, 3, 4, 5, 6, 7, 8])
        build.output(build.node("MatMul", [input, build.constant("w", numbers)], name: "fc"), name: "y")
        var file = try copy(of: build.graph)
        let notes = try file.normalize()
        #expect(notes == ["float16 weights, input and output widened to float32"])
        try Verifier.verify(file.graph)
        #expect(file.graph.inputs[0].dtype == .float32)
        // The record travels with the file.
        var reread = try copy(of: file.graph)
        let more = try reread.normalize()
        #expect(more.isEmpty)
        reread.graph.narrowToStoredTypes()
        let stored = try copy(of: reread.graph).graph
        #expect(stored.inputs[0].dtype == .float16)
        #expect(try stored.constant(named: "w") == numbers)
    }

    @Test func `Training mode is set to inference, which is said`() throws {
        var build = GraphBuilder(name: "norm")
        let input = build.input("x", .float32, ["N", 2, 4])
        let numbers = (0..<4).map { build.constant("c\($0)", TensorData([2], [1, Float($0) + 1])) }
        build.output(
            build.node("BatchNormalization", [input] + numbers, name: "bn", attributes: ["training_mode": .int(1)]),
            name: "y")
        var file = try copy(of: build.graph)
        #expect(try file.graph.node(named: "bn").attributes["training_mode"] == .int(1))
        let notes = try file.normalize()
        #expect(notes.count == 1 && notes[0].hasPrefix("BatchNorm bn used the statistics of the batch"))
    }

    @Test func `A usual model stays as it is`() throws {
        var file = try Fixture.read("clip_classifier")
        let before = file.graph
        let notes = try file.normalize()
        #expect(notes.isEmpty)
        #expect(file.graph == before)
    }

    @Test func `What is encoded in memory is what is written`() throws {
        let graph = try Fixture.read("clip_classifier").graph
        let folder = try TemporaryFolder()
        try ONNXFile.write(graph, to: folder.file("m.onnx"))
        #expect(try ONNXFile.encoded(graph) == bytes(ofFile: folder.file("m.onnx")))
        var options = ONNXFile.WriteOptions()
        options.largestFile = ByteCount(100)
        let error = #expect(throws: ONNXError.self) { try ONNXFile.encoded(graph, options: options) }
        #expect(error?.code == .fileTooLarge)
    }

    @Test func `A file says what reading wrote out`() throws {
        #expect(try Fixture.read("functions").header.localFunctions > 0)
        #expect(try Fixture.read("clip_classifier").header.localFunctions == 0)
        #expect(try Fixture.read("softmax_11").rewrittenNodes.count == 1)
        #expect(try Fixture.read("steady_flow").rewrittenNodes.contains("loop"))
        #expect(try Fixture.read("forms_18").rewrittenNodes.isEmpty)
    }

    @Test(arguments: [22, 23, 24]) func `Newer operator sets are read, and what only they have is left out`(
        _ opset: Int
    ) throws {
        let folder = try TemporaryFolder()
        var contents = try bytes(ofFile: Fixture.path("malformed/opset_25"))
        let place = try #require(contents.indices.first { contents[$0...].starts(with: [0x10, 25]) })
        contents[place + 1] = UInt8(opset)
        let file = try ONNXFile.read(folder.write(contents, to: "newer.onnx"))
        #expect(file.header.opset == opset)
        try Verifier.verify(file.graph)

        var build = GraphBuilder(name: "cast")
        let x = build.input("x", .float32, [2])
        build.output(
            build.node(
                "Cast", [x], name: "cast",
                attributes: ["to": .int(DType.int32.onnxCode), "saturate": .int(1), "round_mode": .string("up")]),
            name: "y")
        #expect(try copy(of: build.graph).graph.node(named: "cast").attributes == ["to": .int(DType.int32.onnxCode)])
    }
}
