import BantamGraph
import BantamModel
import BantamQuantization
import BantamTestSupport
import Testing

@Suite struct StaticQuantizationTests {
    @Test(arguments: TinyGraphs.all.map(\.name))
    func `Every pattern gives a valid graph of integer weights`(name: String) throws {
        let original = try #require(TinyGraphs.all.first { $0.name == name })
        let (graph, plan) = try StaticQuantization().quantizing(original)
        graph.checkInvariants()
        let types = try ShapeInference(of: graph)
        let before = try ShapeInference(of: original)
        for (output, originalOutput) in zip(graph.outputs, original.outputs) {
            #expect(types[output] == before[originalOutput])
            #expect(graph[output].name == original[originalOutput].name)
        }
        for node in graph.nodes.values where ["Conv", "Gemm"].contains(node.operatorName) {
            let stored = node.inputs.dropFirst().map { input in
                input.flatMap { graph.producer(of: $0) }.flatMap { graph.constant(0, of: $0)?.dtype }
            }
            #expect(stored == [.int8] || stored == [.int8, .int32], "\(node.label): \(stored)")
        }
        #expect(try throughJSON(plan) == plan)
    }

    @Test(arguments: TinyGraphs.all.map(\.name))
    func `Stored weights are the weights to within half a step`(name: String) throws {
        var original = try #require(TinyGraphs.all.first { $0.name == name })
        try StaticQuantization().prepare(&original)
        let (graph, plan) = try StaticQuantization().quantizing(original)
        for weight in plan.weights {
            let stored = try #require(graph.constant(named: weight.value))
            let before = try #require(original.constant(named: weight.value)).elements(of: Float.self)
            let after = weight.parameters.dequantize(stored).elements(of: Float.self)
            let largestStep = weight.parameters.scales.max() ?? 0
            #expect(zip(before, after).allSatisfy { abs($0 - $1) <= largestStep * 0.5001 })
        }
    }

    @Test func `Rounding happens behind the fused activation, and never at the output`() throws {
        let (graph, plan) = try StaticQuantization().quantizing(TinyGraphs.flattenToLinear())
        #expect(
            graph.plainText == """
                flatten_to_linear(input: float32[N, 1, 8, 8]) -> (output: float32[N, 3])
                  input.quantized = QuantizeLinear(input, input.scale{0.015686275}, input.zero_point[])
                  input.dequantized = DequantizeLinear(input.quantized, input.scale{0.015686275}, input.zero_point[])
                  conv.weight.dequantized = DequantizeLinear(conv.weight[4, 1, 3, 3], conv.weight.scale[4]) axis=0
                  conv.bias.dequantized = DequantizeLinear(conv.bias{-3141, 1461, 3692, -1476}, conv.bias.scale[4]) axis=0
                  conv.out = Conv(input.dequantized, conv.weight.dequantized, conv.bias.dequantized) kernel_shape=[3, 3] pads=[1, 1, 1, 1] strides=[1, 1] group=1
                  relu1.out = Relu(conv.out)
                  relu1.out.quantized = QuantizeLinear(relu1.out, relu1.out.scale{0.015686275}, relu1.out.zero_point[])
                  relu1.out.dequantized = DequantizeLinear(relu1.out.quantized, relu1.out.scale{0.015686275}, relu1.out.zero_point[])
                  pool.out = MaxPool(relu1.out.dequantized) kernel_shape=[2, 2] strides=[2, 2]
                  flatten.out = Flatten(pool.out) axis=1
                  linear1.weight.dequantized = DequantizeLinear(linear1.weight[10, 64], linear1.weight.scale[10]) axis=0
                  linear1.bias.dequantized = DequantizeLinear(linear1.bias[10], linear1.bias.scale[10]) axis=0
                  linear1.out = Gemm(flatten.out, linear1.weight.dequantized, linear1.bias.dequantized) transB=1
                  relu2.out = Relu(linear1.out)
                  relu2.out.quantized = QuantizeLinear(relu2.out, relu2.out.scale{0.015686275}, relu2.out.zero_point[])
                  relu2.out.dequantized = DequantizeLinear(relu2.out.quantized, relu2.out.scale{0.015686275}, relu2.out.zero_point[])
                  linear2.weight.dequantized = DequantizeLinear(linear2.weight[3, 10], linear2.weight.scale[3]) axis=0
                  linear2.bias.dequantized = DequantizeLinear(linear2.bias{-2226, 4479, 1973}, linear2.bias.scale[3]) axis=0
                  output = Gemm(relu2.out.dequantized, linear2.weight.dequantized, linear2.bias.dequantized) transB=1

                """)
        let placements = plan.nodes.map(\.placement)
        #expect(placements == [.integer, .fused, .transparent, .transparent, .integer, .fused, .integer])
    }

    @Test func `Both operands of a residual sum are rounded`() throws {
        let (graph, _) = try StaticQuantization().quantizing(TinyGraphs.residual())
        let add = try #require(graph.nodes.values.first { $0.name == "add" })
        #expect(graph.inputNames(of: add) == ["relu1.out.dequantized", "conv2.out.dequantized"])
        #expect(graph.node(making: "relu3.out.quantized") != nil && graph.value(named: "add.out.quantized") == nil)
    }

    @Test func `What flows into one Concat shares one scale, also through operators that move values`() throws {
        var build = GraphBuilder(name: "concat")
        let x = build.input("input", .float32, ["N", 3])
        let weight = build.constant("weight", TensorData([3, 3], [Float](repeating: 0.5, count: 9)))
        let left = build.node("Gemm", [x, weight], name: "left")
        let right = build.node("Gemm", [x, weight], name: "right")
        let moved = build.node("Flatten", [right], name: "flatten", attributes: ["axis": .int(1)])
        let joined = build.node("Concat", [left, moved], name: "concat", attributes: ["axis": .int(0)])
        build.output(build.node("Gemm", [joined, weight], name: "last"), name: "output")
        let quantization = StaticQuantization()
        let ranges = [
            "input": ActivationRange(-1, 1), "left.out": ActivationRange(-2, 1), "right.out": ActivationRange(0, 6),
        ]
        let plan = try quantization.plan(for: build.graph, ranges: ranges)
        #expect(plan.activations.map(\.value) == ["input", "left.out", "right.out"])
        let shared = ActivationRange(-2, 6)
        #expect(plan.activations.map(\.range) == [ActivationRange(-1, 1), shared, shared])
        #expect(plan.nodes.map(\.placement) == [.integer, .integer, .transparent, .transparent, .integer])
    }

    @Test func `A pure plan leaves the graph as it is, and calibration follows the request`() throws {
        var graph = TinyGraphs.chain()
        let quantization = StaticQuantization()
        try quantization.prepare(&graph)
        let before = graph
        let names = try quantization.statistics(for: graph).map { graph[$0].name }
        #expect(names == ["input", "relu1.out", "relu2.out", "pool.out"])
        var calibration = Calibration(of: names)
        for name in names { try calibration.observe(TensorData([2], [-1, 2] as [Float]), of: name) }
        try calibration.observe(TensorData([1], [Float.nan]), of: "conv1.out")  // not asked for
        let plan = try quantization.plan(for: graph, ranges: calibration.ranges())
        #expect(graph == before)
        #expect(plan.activations.map(\.value) == names)
        #expect(plan.activations.allSatisfy { $0.range == ActivationRange(-1, 2) })
    }

    @Test func `A shared weight is stored once`() throws {
        let (graph, plan) = try StaticQuantization().quantizing(TinyGraphs.sharedWeight())
        #expect(plan.weights.count { $0.value == "shared.weight" } == 1)
        let readers = graph.nodes.values.filter { node in
            node.operatorName == "Conv" && graph.inputNames(of: node).contains("shared.weight.dequantized")
        }
        #expect(readers.count == 2)
        #expect(graph.nodes.values.count { graph.inputNames(of: $0).first == "shared.weight" } == 1)
    }

    @Test func `Weights take a quarter of the bytes`() throws {
        var original = TinyGraphs.flattenToLinear()
        let before = original.constants.values.reduce(0) { $0 + $1.byteCount.bytes }
        original = try StaticQuantization().quantizing(original).graph
        let weights = original.constantTypes.filter { $0.key.hasSuffix(".weight") }
        #expect(weights.allSatisfy { $0.value.dtype == .int8 })
        let after = original.constants.values.reduce(0) { $0 + $1.byteCount.bytes }
        #expect(Double(after) < 0.4 * Double(before))
    }
}
