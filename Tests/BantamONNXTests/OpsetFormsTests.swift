import BantamGraph
import BantamONNX
import BantamTestSupport
import Testing

@Suite struct `Forms of operators in other opsets` {
    /// Up to opset 12 `Softmax` normalizes its axis and all after it together.
    @Test func `An old Softmax over several axes is written as one over the rows of a matrix`() throws {
        let graph = try Fixture.read("softmax_11").graph
        #expect(graph.operatorNames == ["Softmax", "LogSoftmax", "Shape", "Flatten", "Softmax", "Reshape"])
        let flatten = try #require(graph.nodes.values.first { $0.operatorName == "Flatten" })
        #expect(flatten.attributes["axis"] == .int(1))
        #expect(
            graph.nodes.values.filter { $0.operatorName.hasSuffix("Softmax") }.allSatisfy {
                $0.attributes["axis"] == .int(-1)
            })
        #expect(graph.outputs.map { graph[$0].name } == ["all", "last", "rows"])
        try Verifier.verify(graph, sizes: ["N": 2])
        graph.checkInvariants()
    }

    @Test func `One old Softmax may read another`() throws {
        let graph = try Fixture.read("softmax_chain_11").graph
        #expect(graph.operatorNames.count { $0 == "Softmax" } == 3)
        #expect(graph.operatorNames.count { $0 == "Reshape" } == 3)
        graph.checkInvariants()
        try Verifier.verify(graph, sizes: ["N": 2])
    }

    @Test func `Settings that were attributes in opset 9 are inputs`() throws {
        let graph = try Fixture.read("forms_9").graph
        #expect(
            graph.operatorNames == ["Resize", "Clip", "Pad", "Slice", "TopK", "ScatterElements"])
        let resize = try graph.node(named: "up")
        #expect(resize.inputs.count == 3 && resize.inputs[1] == nil)
        #expect(resize.attributes["coordinate_transformation_mode"] == .string("asymmetric"))
        #expect(try graph.constant(named: "clip.min") == TensorData(scalar: Float(0)))
        #expect(try graph.constant(named: "pad.value") == TensorData(scalar: Float(3)))
        let types = try ShapeInference(of: graph, sizes: ["N": 2])
        #expect(graph.outputs.map { types[$0]?.shape } == [[2, 3, 8, 2], [2, 3, 4, 5]])
    }

    /// MXNet wrote that there is a statistic for each element, with one for each channel.
    @Test func `BatchNormalization loses what opset 9 did away with`() throws {
        #expect(try Fixture.read("batch_norm_8").graph.node(named: "norm").attributes["spatial"] == nil)
    }

    @Test func `The resampling of opset 10 rounds down`() throws {
        let resize = try Fixture.read("resize_10").graph.node(named: "up")
        #expect(resize.attributes["nearest_mode"] == .string("floor"))
    }

    @Test func `An interpolation is named as the opset names it`() throws {
        for (rank, opset, name) in [(2, nil, "bilinear"), (2, 21, "linear"), (3, nil, "linear")] {
            var build = GraphBuilder(name: "sampler")
            let sizes = Array(repeating: InputDimension.fixed(4), count: rank)
            let input = build.input("x", .float32, [1, 2] + sizes)
            let grid = build.input("grid", .float32, [1] + sizes + [.fixed(rank)])
            let sampled = build.node(
                "GridSample", [input, grid], name: "grid", attributes: ["mode": .string("linear")])
            build.output(sampled, name: "y")
            #expect(try rewritten(build.graph, opset: opset).node(named: "grid").attributes["mode"] == .string(name))
        }
    }

    @Test func `Settings that were attributes in opset 11 are inputs in opset 17`() throws {
        let graph = try rewritten("forms_11", opset: nil)
        #expect(try settings("sum", 1, of: graph) == [2])
        #expect(try settings("squeeze", 1, of: graph) == [2])
        #expect(try settings("unsqueeze", 1, of: graph) == [0])
        #expect(try settings("split", 1, of: graph) == [1, 2])
        #expect(graph.constant(1, of: try graph.node(named: "drop")) == TensorData(scalar: Float(0.25)))
        for name in ["sum", "squeeze", "unsqueeze", "drop"] { #expect(try graph.node(named: name).attributes.isEmpty) }
    }

    @Test func `Settings that are inputs in opset 18 are attributes in opset 17`() throws {
        let graph = try rewritten("forms_18", opset: nil)
        let mean = try graph.node(named: "mean")
        #expect(mean.attributes["axes"] == .ints([2, 3]) && mean.inputs.count == 1)
        #expect(graph.value(named: "axes") == nil)
        // Five rows into two parts: the last is smaller.
        #expect(try settings("split", 1, of: graph) == [3, 2])
        #expect(try graph.node(named: "split").attributes["num_outputs"] == nil)
    }

    @Test func `Asked for opset 21, attributes become inputs`() throws {
        let graph = try rewritten("clip_classifier", opset: 21)
        #expect(try settings("mean", 1, of: graph) == [2, 3, 4])
    }

    @Test func `Parts without sizes are equal in opset 17 and counted in opset 21`() throws {
        var build = GraphBuilder(name: "parts")
        let x = build.input("x", .float32, ["N", 6])
        let parts = build.nodes("Split", [x], name: "split", outputs: 2, attributes: ["axis": .int(1)])
        for (index, part) in parts.enumerated() { build.output(part, name: "y\(index)") }
        #expect(try rewritten(build.graph, opset: nil).node(named: "split").attributes == ["axis": .int(1)])
        #expect(
            try rewritten(build.graph, opset: 21).node(named: "split").attributes
                == ["axis": .int(1), "num_outputs": .int(2)])
    }

    /// Readers of the file may take an attribute that is not there for its default, which need not be zero.
    @Test func `An attribute of zero is in the file`() throws {
        var build = GraphBuilder(name: "zero")
        let x = build.input("x", .float32, [2, 3])
        build.output(build.node("Flatten", [x], name: "flat", attributes: ["axis": .int(0)]), name: "y")
        let folder = try TemporaryFolder()
        try ONNXFile.write(build.graph, to: folder.file("m.onnx"))
        // name = "axis", i = 0
        let expected: [UInt8] = [0x0A, 4] + Array("axis".utf8) + [0x18, 0]
        let written = try bytes(ofFile: folder.file("m.onnx"))
        #expect(written.indices.contains { written[$0...].starts(with: expected) })
    }

    @Test func `A model is written in the first opset that has what it uses`() throws {
        let folder = try TemporaryFolder()
        for (name, opset, version) in [("Relu", 17, 8), ("Mish", 18, 8), ("Gelu", 20, 9)] {
            var graph = Graph(name: "activation")
            let x = graph.addInput("x", .float32, [.fixed(2), .fixed(3)])
            graph.addOutput(graph.addNode(name, inputs: [x])[0])
            let header = try ONNXFile.write(graph, to: folder.file("m.onnx"))
            #expect(header.opset == opset && header.irVersion == version, "\(name)")
            #expect(try ONNXFile.read(folder.file("m.onnx")).header.opset == opset)
        }
    }

    @Test func `A model that needs a newer opset than asked for is refused`() throws {
        var options = ONNXFile.WriteOptions()
        options.opset = 18
        let graph = try Fixture.read("newest").graph
        let folder = try TemporaryFolder()
        #expect(
            code { () throws(ONNXError) in try ONNXFile.write(graph, to: folder.file("m.onnx"), options: options) }
                == .unsupportedOpset)
        #expect(try folder.names().isEmpty)
    }

    @Test func `GroupNormalization with a scale for each group gets one for each channel`() throws {
        let graph = try rewritten("group_norm_18", opset: nil)
        let norm = try graph.node(named: "norm")
        #expect(graph.constant(1, of: norm)?.elements(of: Float.self) == [1, 1, 1, 2, 2, 2])
        #expect(graph.constant(2, of: norm)?.elements(of: Float.self) == [0.5, 0.5, 0.5, -1, -1, -1])
    }

    private func rewritten(_ name: String, opset: Int?) throws -> Graph {
        try rewritten(try Fixture.read(name).graph, opset: opset)
    }

    private func rewritten(_ graph: Graph, opset: Int?) throws -> Graph {
        let folder = try TemporaryFolder()
        var options = ONNXFile.WriteOptions()
        options.opset = opset
        try ONNXFile.write(graph, to: folder.file("m.onnx"), options: options)
        let read = try ONNXFile.read(folder.file("m.onnx")).graph
        try Verifier.verify(read)
        return read
    }

    private func settings(_ node: String, _ slot: Int, of graph: Graph) throws -> [Int64] {
        let data = graph.constant(slot, of: try graph.node(named: node))
        return try #require(data).elements(of: Int64.self)
    }
}
