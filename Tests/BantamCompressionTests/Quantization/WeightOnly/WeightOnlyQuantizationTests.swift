import BantamCompression
import BantamGraph
import BantamTestSupport
import Testing

@Suite struct WeightOnlyQuantizationTests {
    @Test(arguments: TinyGraphs.all.map(\.name))
    func `Weights become int8 behind one DequantizeLinear, and nothing else changes`(name: String) throws {
        let original = try #require(TinyGraphs.all.first { $0.name == name })
        var graph = original
        let plan = try WeightOnlyQuantization().plan(for: graph)
        #expect(graph == original)
        #expect(try throughJSON(plan) == plan)
        try WeightOnlyQuantization.apply(plan, to: &graph)
        graph.checkInvariants()
        _ = try ShapeInference(of: graph)
        #expect(graph.nodes.count == original.nodes.count + plan.weights.count)
        for weight in plan.weights { #expect(graph.constantTypes[weight.value]?.dtype == .int8) }
        #expect(graph.constantTypes.filter { $0.key.hasSuffix(".bias") }.allSatisfy { $0.value.dtype == .float32 })
    }

    @Test func `An excluded weight stays float with a note`() throws {
        var graph = TinyGraphs.residual()
        let plan = try WeightOnlyQuantization(excludedNodes: ["conv1"]).plan(for: graph)
        #expect(plan.notes == ["conv1.weight stays in floating point: conv1 (Conv) was excluded."])
        try WeightOnlyQuantization.apply(plan, to: &graph)
        #expect(graph.constantTypes["conv1.weight"]?.dtype == .float32)
        #expect(graph.constantTypes["conv2.weight"]?.dtype == .int8)
    }
}
