import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamPruning
@testable import BantamQuantization

@Suite struct FloatStorageTests {
    private static let forms = [WeightForm.float16, .bfloat16]

    @Test(arguments: forms) func `Weights stand behind a Cast in half of the bytes`(form: WeightForm) throws {
        var graph = TinyGraphs.flattenToLinear()
        let before = try CostAnalysis(of: graph).total
        let plan = try WeightOnlyQuantization(form).plan(for: graph)
        try WeightOnlyQuantization.apply(plan, to: &graph)
        let after = try CostAnalysis(of: graph).total
        #expect(graph.nodes.values.count { $0.operatorName == "Cast" } == plan.weights.count)
        for weight in plan.weights {
            #expect(graph.constantTypes[weight.value]?.dtype == form.float)
            let node = try #require(graph.node(making: "\(weight.value).widened"))
            #expect(graph.inputNames(of: node) == [weight.value] && node.attributes["to"] == .int(1))
        }
        #expect(after.weightBytes.bytes * 9 < before.weightBytes.bytes * 5)
        #expect((after.parameters, after.macs) == (before.parameters, before.macs))
        #expect(graph.nonzeroParameterCount == before.parameters)
        // They are not folded back when the model is read again.
        try Passes.inference.run(on: &graph)
        #expect(graph.nodes.values.count { $0.operatorName == "Cast" } == plan.weights.count)
    }

    private func layer(_ numbers: [Float]) -> Graph {
        var build = GraphBuilder(name: "layer")
        let x = build.input("input", .float32, ["N", .fixed(numbers.count / 2)])
        let y = build.node(
            "MatMul", [x, build.constant("w", TensorData([numbers.count / 2, 2], numbers))], name: "first")
        let second = build.constant("v", TensorData([2, 2], [1, 0, 0.5, -1] as [Float]))
        build.output(build.node("MatMul", [y, second], name: "second"), name: "output")
        return build.graph
    }

    @Test func `Numbers beyond float16 stay float32 with a note, and fit bfloat16`() throws {
        var graph = layer([70_000, 1, 2, 3])
        let plan = try WeightOnlyQuantization(.float16).plan(for: graph)
        #expect(plan.weights.map(\.value) == ["v"])
        #expect(plan.notes == ["w stays float32: its largest number, 70000.0, is beyond float16."])
        #expect(try WeightOnlyQuantization(.bfloat16).plan(for: graph).weights.count == 2)
        try WeightOnlyQuantization.apply(plan, to: &graph)
        #expect(graph.constantTypes["w"]?.dtype == .float32)
        // The largest number that float16 has, and one that rounds to it.
        #expect(try WeightOnlyQuantization(.float16).plan(for: layer([65_504, 65_519, 0, 0])).notes.isEmpty)
        #expect(try WeightOnlyQuantization(.float16).plan(for: layer([65_520, 1, 0, 0])).notes.count == 1)
        #expect(try WeightOnlyQuantization(.bfloat16).plan(for: layer([3.4e38, 1, 0, 0])).notes.count == 1)
    }

    @Test func `Numbers too small for float16 stay float32 with a note`() throws {
        let plan = try WeightOnlyQuantization(.float16).plan(for: layer([1e-8, -3e-8, 2e-8, 0]))
        #expect(plan.notes == ["w stays float32: its numbers are too small for float16."])
        #expect(try WeightOnlyQuantization(.bfloat16).plan(for: layer([1e-8, -3e-8, 2e-8, 0])).notes.isEmpty)
    }

    @Test(arguments: forms) func `Zeros stay zero`(form: WeightForm) throws {
        var graph = layer([0, 0.1, -0.0, 0.3, 0, 0])
        try WeightOnlyQuantization.apply(try WeightOnlyQuantization(form).plan(for: graph), to: &graph)
        let stored = try #require(graph.storedValues(of: "w"))
        #expect(stored.map { $0 == 0 } == [true, false, true, false, true, true])
    }

    @Test(arguments: forms) func `Channels of a model in halves can be removed`(form: WeightForm) throws {
        let float = TinyGraphs.residual()
        var graph = float
        try WeightOnlyQuantization.apply(try WeightOnlyQuantization(form).plan(for: graph), to: &graph)
        let plan = try StructuredPruning.plan(for: graph, .init(.macs(0.6)))
        try StructuredPruning.apply(plan, to: &graph)
        #expect(graph.constantTypes["conv1.weight"]?.dtype == form.float)
        let (before, after) = (try CostAnalysis(of: float).total.macs, try CostAnalysis(of: graph).total.macs)
        #expect(Double(after) <= 0.6 * Double(before))
    }

    @Test func `Learned numbers that are no layer's weight are halved where there are many`() throws {
        var build = GraphBuilder(name: "embedding")
        let x = build.input("input", .float32, ["N", 300])
        let many = build.constant("many", TensorData([300], (0..<300).map { Float($0) }))
        let few = build.constant("few", TensorData([1, 1], [2] as [Float]))
        build.output(build.node("Mul", [build.node("Add", [x, many], name: "add"), few], name: "mul"), name: "output")
        let plan = try WeightOnlyQuantization(.float16).plan(for: build.graph)
        #expect(plan.weights.map(\.value) == ["many"])
        let text = errorText { _ = try WeightOnlyQuantization(.int8).plan(for: build.graph) }
        #expect(text.contains("No operator of the model can be quantized"))
    }
}
