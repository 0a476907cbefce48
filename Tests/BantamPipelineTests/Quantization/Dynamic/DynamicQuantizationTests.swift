import BantamGraph
import BantamQuantization
import BantamTestSupport
import Testing

@Suite struct DynamicQuantizationTests {
    @Test func `A layer becomes integers, a scale and a bias`() throws {
        var build = GraphBuilder(name: "layers")
        let x = build.input("input", .float32, ["N", 2, 4, 4])
        let filters = TensorData([3, 2, 1, 1], [1, -1, 0.5, 0.25, 0, 0.127] as [Float])
        let offsets = build.constant("conv.bias", TensorData([3], [1, 2, 3] as [Float]))
        let maps = build.node("Conv", [x, build.constant("conv.weight", filters), offsets], name: "conv")
        let flat = build.node("Flatten", [maps], name: "flatten")
        let matrix = build.constant("fc.weight", TensorData([2, 48], (0..<96).map { Float($0) / 95 }))
        build.output(
            build.node("Gemm", [flat, matrix], name: "fc", attributes: ["transB": .int(1), "alpha": .float(2)]),
            name: "scores")
        var graph = build.graph
        try DynamicQuantization.apply(try DynamicQuantization().plan(for: graph), to: &graph)
        #expect(
            graph.plainText == """
                layers(input: float32[N, 2, 4, 4]) -> (scores: float32[N, 2])
                  input.quantized, input.scale, input.zero_point = DynamicQuantizeLinear(input)
                  conv.sums = ConvInteger(input.quantized, conv.weight[3, 2, 1, 1], input.zero_point)
                  conv.numbers = Cast(conv.sums) to=1
                  conv.scale = Mul(input.scale, conv.weight.scale[1, 3, 1, 1])
                  conv.scaled = Mul(conv.numbers, conv.scale)
                  conv.out = Add(conv.scaled, conv.bias[1, 3, 1, 1])
                  flatten.out = Flatten(conv.out)
                  flatten.out.quantized, flatten.out.scale, flatten.out.zero_point = DynamicQuantizeLinear(flatten.out)
                  fc.sums = MatMulInteger(flatten.out.quantized, fc.weight[48, 2], flatten.out.zero_point)
                  fc.numbers = Cast(fc.sums) to=1
                  fc.scale = Mul(flatten.out.scale, fc.weight.scale[2])
                  scores = Mul(fc.numbers, fc.scale)

                """)
        #expect(
            graph.constant(named: "conv.weight")
                == TensorData([3, 2, 1, 1], [127, -127, 127, 64, 0, 127] as [Int8]))
        #expect(graph.constantTypes["fc.weight"] == TensorType(.int8, [48, 2]))
        #expect(graph.constant(named: "fc.weight.scale")?.elements(of: Float.self)[1] == Float(1) / 127 * 2)
    }

    @Test(arguments: TinyGraphs.all.map(\.name))
    func `Every pattern gives a valid graph with the same outputs`(name: String) throws {
        let original = try #require(TinyGraphs.all.first { $0.name == name })
        var graph = original
        let plan = try DynamicQuantization().plan(for: graph)
        #expect(graph == original)
        #expect(try throughJSON(plan) == plan)
        try DynamicQuantization.apply(plan, to: &graph)
        graph.checkInvariants()
        let (types, before) = (try ShapeInference(of: graph), try ShapeInference(of: original))
        for (output, originalOutput) in zip(graph.outputs, original.outputs) {
            #expect(types[output] == before[originalOutput])
            #expect(graph[output].name == original[originalOutput].name)
        }
        #expect(!graph.nodes.values.contains { $0.operatorName == "Conv" || $0.operatorName == "Gemm" })
    }

    @Test func `Layers with one input share its integers`() throws {
        var graph = TinyGraphs.attention()
        try DynamicQuantization.apply(try DynamicQuantization().plan(for: graph), to: &graph)
        // The image, the tokens for query, key and value, the mixed values and the mean.
        #expect(graph.nodes.values.count { $0.operatorName == "DynamicQuantizeLinear" } == 4)
        #expect(graph.nodes.values.count { $0.operatorName == "MatMulInteger" } == 5)
    }

    @Test func `A shared weight is stored once under its name`() throws {
        var graph = TinyGraphs.sharedWeight()
        try DynamicQuantization.apply(try DynamicQuantization().plan(for: graph), to: &graph)
        #expect(graph.constants.values.count { $0.type == TensorType(.int8, [4, 4, 3, 3]) } == 1)
        #expect(graph.constantTypes["shared.weight"]?.dtype == .int8)
    }

    @Test func `What stays float is named, and a model without layers is refused`() throws {
        let plan = try DynamicQuantization(excludedNodes: ["conv2"]).plan(for: TinyGraphs.residual())
        #expect(plan.floatNodes.contains { $0.explanation == "conv2 (Conv) stays in floating point: it was excluded." })
        var build = GraphBuilder(name: "softmax")
        let x = build.input("input", .float32, ["N", 3])
        build.output(build.node("Softmax", [x], name: "softmax"), name: "output")
        let graph = build.graph
        #expect(errorCode { _ = try DynamicQuantization().plan(for: graph) } == .nothingToCompress)
    }

    @Test func `Its scales are no parameters`() throws {
        let before = TinyGraphs.chain()
        var graph = before
        try DynamicQuantization.apply(try DynamicQuantization().plan(for: graph), to: &graph)
        let (float, integer) = (try CostAnalysis(of: before).total, try CostAnalysis(of: graph).total)
        #expect(integer.weightBytes < float.weightBytes)
        // Batch normalization is folded into the convolutions before.
        #expect(integer.parameters <= float.parameters && integer.parameters > 0)
        #expect(!graph.parameters.contains { graph[$0].name.hasSuffix(".scale") })
    }

    @Test func `A plan for another graph is refused, and the graph is left unchanged`() throws {
        let plan = try DynamicQuantization().plan(for: TinyGraphs.residual())
        var graph = TinyGraphs.chain()
        let before = graph
        #expect(errorCode { try DynamicQuantization.apply(plan, to: &graph) } == .planMismatch)
        #expect(graph == before)
    }
}
