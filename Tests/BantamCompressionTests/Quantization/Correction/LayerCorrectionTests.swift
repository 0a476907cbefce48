import BantamCompression
import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct LayerCorrectionTests {
    /// `y = w x` for one input channel and two outputs.
    private func linear(_ weights: [Float]) -> Graph {
        var build = GraphBuilder(name: "linear")
        let x = build.input("input", .float32, ["N", 1])
        let weight = build.constant("weight", TensorData([weights.count, 1], weights))
        build.output(build.node("Gemm", [x, weight], name: "layer", attributes: ["transB": .int(1)]), name: "output")
        return build.graph
    }

    /// Plans with the ranges of the inputs, and corrects.
    private func corrected(
        _ original: Graph, _ method: LayerCorrection, profile: TargetProfile, inputs: [TensorData]
    ) throws -> (graph: Graph, plan: StaticQuantizationPlan, records: [LayerCorrection.Record], float: Graph) {
        var graph = original
        let quantization = StaticQuantization(profile: profile)
        try quantization.prepare(&graph)
        LayerCorrection.addMissingBiases(to: &graph)
        let values = try quantization.statistics(for: graph)
        let tensors = try inputs.map { try Tensor($0) }
        let taps = try withoutGradients { try Network(graph).forward(tensors, taps: values).taps }
        var calibration = Calibration(of: values.map { graph[$0].name })
        for value in values {
            if let tensor = taps[value] { try calibration.observe(try tensor.data(), of: graph[value].name) }
        }
        let plan = try quantization.plan(for: graph, ranges: calibration.ranges())
        let float = graph
        let records = try method.apply(to: &graph, plan: plan, inputs: tensors)
        return (graph, plan, records, float)
    }

    @Test func `The mean error of a channel is taken out of its bias`() throws {
        // At 2 bits and one scale a tensor, 0.6 becomes 1 and 0.4 becomes 0 beside 1.
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 2, isPerChannel: false)
        let inputs = [TensorData([4, 1], [0, 1, 2, 3] as [Float])]
        let (graph, plan, records, _) = try corrected(
            linear([1, 0.6, 0.4]), LayerCorrection(), profile: profile, inputs: inputs)
        let bias = graph.numbers(plan.biases[0].value)
        // Errors of 0, 0.4 and -0.4 for each unit of an input whose mean is 1.5.
        for (number, expected) in zip(bias, [0, -0.6, 0.6] as [Float]) { #expect(abs(number - expected) < 0.01) }
        #expect(records.map(\.node) == ["layer (Gemm)"])
        #expect(records[0].errorAfter < 0.5 * records[0].errorBefore)
        #expect(records[0].changedRoundings == nil)
    }

    @Test func `Learned rounding keeps to the two nearest integers, and loses less than the nearest`() throws {
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 3)
        let original = TinyGraphs.residual()
        let inputs = original.sampleInputs(batch: 16)
        let adaptive = LayerCorrection(correctsBias: false, rounding: .adaptive(steps: 200))
        let (graph, plan, records, float) = try corrected(original, adaptive, profile: profile, inputs: inputs)
        #expect(records.count == 4 && records.contains { $0.changedRoundings ?? 0 > 0.02 })
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

    @Test(arguments: TinyGraphs.names) func `Every pattern is corrected layer by layer, and leaks no tensor`(
        name: String
    ) throws {
        let original = try #require(TinyGraphs.named(name))
        let inputs = original.sampleInputs(batch: 8)
        let live = Tensor.liveCountOnThread
        let (graph, plan, records, float) = try corrected(
            original, LayerCorrection(), profile: .x86VNNI, inputs: inputs)
        #expect(Tensor.liveCountOnThread == live)
        #expect(records.allSatisfy { $0.errorAfter <= $0.errorBefore * 1.0001 })
        var (plain, better) = (float, graph)
        try StaticQuantization.apply(plan, to: &plain)
        try StaticQuantization.apply(plan, to: &better)
        let expected = try original.run(inputs)[0]
        #expect(expected.difference(from: try better.run(inputs)[0], tolerance: 0.1) == nil)
    }

    @Test func `A plan for another graph is refused, and the graph is left unchanged`() throws {
        let plan = try StaticQuantization().quantizing(TinyGraphs.residual()).plan
        var graph = TinyGraphs.chain()
        let before = graph
        let inputs = try graph.sampleInputs().map { try Tensor($0) }
        #expect(errorCode { _ = try LayerCorrection().apply(to: &graph, plan: plan, inputs: inputs) } == .planMismatch)
        #expect(graph == before)
    }
}
