import BantamGraph
import BantamTensor
import BantamTestSupport
import Testing

@testable import BantamCompression

@Suite struct LayerRoundingTests {
    @Test func `Learned rounding keeps to the two nearest integers, and loses less than the nearest`() throws {
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 3)
        let original = TinyGraphs.residual()
        let inputs = original.sampleInputs(batch: 16)
        let (float, plan, _) = try PlannedGraph.make(original, profile: profile, inputs: inputs)
        var graph = float
        let live = Tensor.liveCountOnThread
        let records = try LayerRounding(steps: 200)
            .apply(to: &graph, plan: plan, inputs: try inputs.map { try Tensor($0) })
        #expect(Tensor.liveCountOnThread == live)
        #expect(records.count == 4 && records.contains { $0.changedShare > 0.02 })
        for weight in plan.weights {
            let before = try #require(float.constant(named: weight.value))
            let after = try #require(graph.constant(named: weight.value))
            let integers = weight.parameters.quantize(after)
            #expect(weight.parameters.dequantize(integers) == after)
            let step = weight.parameters.scales.max() ?? 0
            let pairs = zip(before.elements(of: Float.self), after.elements(of: Float.self))
            #expect(pairs.allSatisfy { abs($0 - $1) < step * 1.0001 })
        }
        func error(_ graph: Graph) throws -> Double {
            var quantized = graph
            try StaticQuantization.apply(plan, to: &quantized)
            let (expected, actual) = (try original.run(inputs)[0], try quantized.run(inputs)[0])
            return zip(expected.elements(of: Float.self), actual.elements(of: Float.self))
                .reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        }
        let (learned, nearest) = (try error(graph), try error(float))
        #expect(learned < 0.8 * nearest, "\(learned) beside \(nearest); \(records)")
    }

    @Test func `A plan for another graph is refused, and the graph is left unchanged`() throws {
        let plan = try StaticQuantization().quantizing(TinyGraphs.residual()).plan
        var graph = TinyGraphs.chain()
        let before = graph
        let inputs = try graph.sampleInputs().map { try Tensor($0) }
        #expect(
            errorCode { _ = try LayerRounding(steps: 1).apply(to: &graph, plan: plan, inputs: inputs) }
                == .planMismatch)
        #expect(graph == before)
    }
}
