import BantamGraph
import BantamModel
import BantamQuantization
import BantamTestSupport
import Testing

/// Which nodes stay in floating point, and with what reason; and what is refused.
@Suite struct StaticQuantizationDecisionTests {
    @Test func `An excluded node keeps its weight and reads unrounded values`() throws {
        let (graph, plan) = try StaticQuantization(excludedNodes: ["conv1"]).quantizing(TinyGraphs.residual())
        let node = try #require(graph.nodes.values.first { $0.name == "conv1" })
        #expect(graph.inputNames(of: node) == ["relu1.out", "conv1.weight", "conv1.bias"])
        #expect(graph.constantTypes["conv1.weight"]?.dtype == .float32)
        let explanations = plan.floatNodes.compactMap(\.explanation)
        #expect(explanations.contains("conv1 (Conv) stays in floating point: it was excluded."))
        // Its neighbour still reads the rounded value.
        let add = try #require(graph.nodes.values.first { $0.name == "add" })
        #expect(graph.inputNames(of: add).contains("relu1.out.dequantized"))
    }

    @Test func `A sum that reads unrounded values leaves its layers in integers and its result to be rounded`() throws {
        let (rounded, _) = try StaticQuantization().quantizing(TinyGraphs.residual())
        let (graph, plan) = try StaticQuantization(roundsSummands: false).quantizing(TinyGraphs.residual())
        func summands(_ graph: Graph) throws -> [String] {
            graph.inputNames(of: try #require(graph.nodes.values.first { $0.operatorName == "Add" }))
        }
        #expect(try summands(rounded).allSatisfy { $0.hasSuffix(".dequantized") })
        #expect(try !summands(graph).contains { $0.hasSuffix(".dequantized") })
        #expect(plan.nodes.filter { $0.macs > 0 }.allSatisfy { $0.placement == .integer })
        let reasons = plan.floatNodes.map(\.reason)
        #expect(reasons.contains("it adds values before they are rounded"))
    }

    @Test func `A weight in another role too stays float, with its layer`() throws {
        var build = GraphBuilder(name: "two_roles")
        let x = build.input("input", .float32, ["N", 3])
        let weight = build.constant("weight", TensorData([3, 3], [Float](repeating: 0.5, count: 9)))
        let first = build.node("Gemm", [x, weight], name: "first")
        let sum = build.node("Add", [first, weight], name: "sum")
        let other = build.constant("other", TensorData([3, 2], [Float](repeating: 0.5, count: 6)))
        build.output(build.node("Gemm", [sum, other], name: "second"), name: "output")
        let (graph, plan) = try StaticQuantization().quantizing(build.graph)
        let reasons = plan.floatNodes.compactMap(\.explanation)
        #expect(
            reasons == ["first (Gemm) stays in floating point: its weight weight is also used in another role."]
                + reasons.dropFirst())
        #expect(graph.constantTypes["weight"]?.dtype == .float32 && graph.constantTypes["other"]?.dtype == .int8)
    }

    @Test func `A gate and its product are one fused activation`() throws {
        var build = GraphBuilder(name: "silu")
        let x = build.input("input", .float32, ["N", 3])
        let weight = build.constant("weight", TensorData([3, 3], [Float](repeating: 0.5, count: 9)))
        let hidden = build.node("Gemm", [x, weight], name: "first")
        let active = build.node("Mul", [hidden, build.node("Sigmoid", [hidden], name: "gate")], name: "silu")
        build.output(build.node("Gemm", [active, weight], name: "second"), name: "output")
        let plan = try StaticQuantization().quantizing(build.graph).plan
        #expect(plan.activations.map(\.value) == ["input", "silu.out"])
        #expect(plan.nodes.map(\.placement) == [.integer, .fused, .fused, .integer])
    }

    @Test func `Elementwise operators stay float where nothing in integers comes before them`() throws {
        var build = GraphBuilder(name: "late")
        let x = build.input("input", .float32, ["N", 3])
        let doubled = build.node("Add", [x, x], name: "double")
        let weight = build.constant("weight", TensorData([3, 3], [Float](repeating: 0.5, count: 9)))
        build.output(build.node("Gemm", [doubled, weight], name: "linear"), name: "output")
        let plan = try StaticQuantization().quantizing(build.graph).plan
        #expect(plan.activations.map(\.value) == ["double.out"])
        #expect(plan.floatNodes.map(\.reason) == ["no integer operator comes before it"])
    }

    @Test func `A graph that is quantized already is not quantized again`() throws {
        let once = try StaticQuantization().quantizing(TinyGraphs.flattenToLinear()).graph
        #expect(errorCode { _ = try StaticQuantization().statistics(for: once) } == .nothingToCompress)
    }

    @Test func `An activation without statistics is named`() throws {
        let graph = TinyGraphs.flattenToLinear()
        let quantization = StaticQuantization()
        #expect(errorCode { _ = try quantization.plan(for: graph, ranges: [:]) } == .noCalibrationData)
        let input = ["input": ActivationRange(0, 1)]
        #expect(errorText { _ = try quantization.plan(for: graph, ranges: input) }.contains("relu1.out"))
    }

    @Test func `A model without any integer operator is refused, with the reasons`() {
        var build = GraphBuilder(name: "softmax")
        let x = build.input("input", .float32, ["N", 3])
        build.output(build.node("Softmax", [x], name: "softmax"), name: "output")
        let text = errorText { _ = try StaticQuantization().statistics(for: build.graph) }
        #expect(text.contains("softmax (Softmax) stays in floating point: Softmax computes in floating point."))
    }

    @Test(arguments: ["conv.weight", "conv.bias"]) func `A weight or bias with NaN is named`(name: String) throws {
        var graph = TinyGraphs.flattenToLinear()
        let value = try #require(graph.value(named: name))
        var data = try #require(graph.constants[value])
        data.withUnsafeMutableElements(of: Float.self) { $0[1] = .nan }
        graph.setConstant(value, to: data)
        let damaged = graph
        #expect(errorText { _ = try StaticQuantization().quantizing(damaged) }.contains(name))
    }

    @Test func `A plan for another graph is refused, and the graph is left unchanged`() throws {
        let plan = try StaticQuantization().quantizing(TinyGraphs.residual()).plan
        var graph = TinyGraphs.chain()
        let before = graph
        #expect(errorCode { try StaticQuantization.apply(plan, to: &graph) } == .planMismatch)
        #expect(graph == before)
    }

    @Test func `A graph that is no valid model is refused with the cause`() {
        var build = GraphBuilder(name: "broken")
        let x = build.input("input", .float32, ["N", 3])
        build.output(build.node("NoSuchOperator", [x], name: "node"), name: "output")
        let text = errorText { _ = try StaticQuantization().statistics(for: build.graph) }
        #expect(text.contains("NoSuchOperator"))
    }
}
