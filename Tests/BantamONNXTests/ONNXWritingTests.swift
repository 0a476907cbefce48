import BantamGraph
import BantamONNX
import BantamTestSupport
import Glibc
import Testing

@Suite struct `Writing ONNX` {
    @Test(arguments: [
        "image_classifier", "clip_classifier", "constants", "functions", "stored_raw", "external", "softmax_11",
        "newest",
    ])
    func `What is read is written, and reads the same again`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let graph = try Fixture.read(name).graph
        try ONNXFile.write(graph, to: folder.file("first.onnx"))
        let again = try ONNXFile.read(folder.file("first.onnx")).graph
        if name != "newest" { #expect(again.contents == graph.contents) }
        // From then on to the byte and the id.
        try ONNXFile.write(again, to: folder.file("second.onnx"))
        #expect(try ONNXFile.read(folder.file("second.onnx")).graph == again)
        #expect(try bytes(ofFile: folder.file("first.onnx")) == (try bytes(ofFile: folder.file("second.onnx"))))
    }

    @Test(arguments: TinyGraphs.all.indices)
    func `Each tiny graph survives`(_ index: Int) throws {
        let graph = TinyGraphs.all[index]
        let folder = try TemporaryFolder()
        try ONNXFile.write(graph, to: folder.file("m.onnx"))
        let read = try ONNXFile.read(folder.file("m.onnx")).graph
        #expect(read.contents == graph.contents)
        read.checkInvariants()
    }

    /// The form of a node may be another one in the file, but not what it means.
    @Test(arguments: Operators.all.map { $0.name })
    func `Each operator survives, in opset 17 and in opset 21`(_ name: String) throws {
        let definition = try #require(Operators.definition(named: name))
        let folder = try TemporaryFolder()
        for example in definition.examples {
            let graph = exampleGraph(of: definition, example).graph
            let types = try ShapeInference(of: graph)
            for opset in [nil, 21] {
                var options = ONNXFile.WriteOptions()
                options.opset = opset
                try ONNXFile.write(graph, to: folder.file("m.onnx"), options: options)
                let read = try ONNXFile.read(folder.file("m.onnx")).graph
                let typesRead = try ShapeInference(of: read)
                #expect(read.outputs.map { typesRead[$0] } == graph.outputs.map { types[$0] })
                try ONNXFile.write(read, to: folder.file("again.onnx"), options: options)
                #expect(try ONNXFile.read(folder.file("again.onnx")).graph == read)
            }
        }
    }

    @Test func `Nodes of one name are told apart in the file, since runtimes refuse it otherwise`() throws {
        var build = GraphBuilder(name: "names")
        var x = build.input("input", .float32, ["N", 4])
        for name in ["scale", "scale_2", "scale", "scale"] {
            x = build.node("Relu", [x], name: name)
        }
        build.output(x, name: "output")
        let folder = try TemporaryFolder()
        try ONNXFile.write(build.graph, to: folder.file("m.onnx"))
        let read = try ONNXFile.read(folder.file("m.onnx")).graph
        #expect(read.nodes.values.map(\.name) == ["scale", "scale_2", "scale_3", "scale_4"])
    }

    @Test func `Every kind of attribute survives`() throws {
        var inner = GraphBuilder(name: "body")
        let zero = inner.constant("zero", TensorData([1], [Float(0)]))
        inner.output(inner.node("Relu", [zero], name: "inner"), name: "inner.y")

        var build = GraphBuilder(name: "attributes")
        let x = build.input("x", .float32, ["N", 2])
        let y = build.node(
            "Relu", [x], name: "relu",
            attributes: [
                "int": .int(-5), "zero": .int(0), "float": .float(0.25), "string": .string("é"),
                "ints": .ints([1, -2]),
                "none": .ints([]), "floats": .floats([0.5, -1]), "strings": .strings(["a", ""]),
                "tensor": .tensor(TensorData([2], [Int64(7), -7])), "graph": .graph(inner.graph),
            ])
        build.output(y, name: "y")

        let folder = try TemporaryFolder()
        try ONNXFile.write(build.graph, to: folder.file("m.onnx"))
        let read = try ONNXFile.read(folder.file("m.onnx")).graph
        var attributes = try read.node(named: "relu").attributes
        guard case .graph(let body)? = attributes.removeValue(forKey: "graph") else {
            Issue.record("the graph was lost")
            return
        }
        #expect(body.contents == inner.graph.contents)
        var expected = build.graph.nodes.values[0].attributes
        expected["graph"] = nil
        #expect(attributes == expected)
    }

    @Test func `A tensor of each element type survives`() throws {
        let graph = try Fixture.read("stored_raw").graph
        let folder = try TemporaryFolder()
        #expect(try ONNXFile.write(graph, to: folder.file("m.onnx")).opset == 21)
        #expect(try ONNXFile.read(folder.file("m.onnx")).graph.contents.constants == graph.contents.constants)
    }

    @Test func `A header says what the file then says`() throws {
        let folder = try TemporaryFolder()
        let header = try ONNXFile.write(try Fixture.read("image_classifier").graph, to: folder.file("m.onnx"))
        #expect(try ONNXFile.read(folder.file("m.onnx")).header == header)
        #expect(header.opset == 17 && header.irVersion == 8 && header.producer == "bantam \(BantamVersion.current)")
    }

    @Test func `A graph that is no model is refused before a file is made`() throws {
        var build = GraphBuilder(name: "wrong")
        let x = build.input("x", .float32, ["N", 3])
        let weight = build.constant("w", TensorData(zeros: TensorType(.float32, [4, 5])))
        build.output(build.node("MatMul", [x, weight], name: "product"), name: "y")
        let folder = try TemporaryFolder()
        let graph = build.graph
        let error = #expect(throws: ONNXError.self) { try ONNXFile.write(graph, to: folder.file("m.onnx")) }
        #expect(error?.code == .invalidGraph && error?.location?.node == "product (MatMul)")
        #expect(try folder.names().isEmpty)
    }

    @Test func `A folder that does not exist is named`() throws {
        let graph = try Fixture.read("image_classifier").graph
        let error = #expect(throws: ONNXError.self) { try ONNXFile.write(graph, to: "/nowhere/at/all/m.onnx") }
        #expect(error?.code == .unwritableFile)
        #expect(error.map { "\($0)" }?.hasPrefix("/nowhere/at/all/m.onnx: ") == true)
    }

    /// The limit on file sizes stands for a full disk: both end a write in the middle.
    @Test func `A disk that takes no more leaves the old file and nothing else`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write([1, 2, 3], to: "m.onnx")
        var build = GraphBuilder(name: "large")
        let x = build.input("x", .float32, ["N", 3000])
        let weight = build.constant("w", TensorData(zeros: TensorType(.float32, [3000, 3000])))
        build.output(build.node("MatMul", [x, weight], name: "product"), name: "y")

        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        let old = limit
        signal(SIGXFSZ, SIG_IGN)
        limit.rlim_cur = 32 << 20
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        let graph = build.graph
        let error = #expect(throws: ONNXError.self) { try ONNXFile.write(graph, to: folder.file("m.onnx")) }
        limit = old
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)

        #expect(error?.code == .unwritableFile)
        #expect(error?.message.contains("File too large") == true)
        #expect(try folder.names() == ["m.onnx"])
        #expect(try bytes(ofFile: folder.file("m.onnx")) == [1, 2, 3])
    }

    @Test func `A model may be written over the file it was read from`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(try bytes(ofFile: Fixture.path("image_classifier")), to: "m.onnx")
        let graph = try ONNXFile.read(path).graph
        try ONNXFile.write(graph, to: path)
        #expect(try ONNXFile.read(path).graph.contents == graph.contents)
    }
}
