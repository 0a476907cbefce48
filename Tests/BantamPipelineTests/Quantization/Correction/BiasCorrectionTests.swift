import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamQuantization

@Suite struct BiasCorrectionTests {
    /// `y = w x` for one input channel and two outputs.
    private func linear(_ weights: [Float]) -> Graph {
        var build = GraphBuilder(name: "linear")
        let x = build.input("input", .float32, ["N", 1])
        let weight = build.constant("weight", TensorData([weights.count, 1], weights))
        build.output(build.node("Gemm", [x, weight], name: "layer", attributes: ["transB": .int(1)]), name: "output")
        return build.graph
    }

    private func corrected(
        _ original: Graph, profile: TargetProfile, inputs: [TensorData]
    ) throws -> (graph: Graph, float: Graph, plan: StaticQuantizationPlan, records: [BiasCorrection.Record]) {
        let (float, plan, means) = try PlannedGraph.make(original, profile: profile, inputs: inputs)
        var graph = float
        let records = try BiasCorrection.apply(to: &graph, plan: plan, channelMeans: means)
        return (graph, float, plan, records)
    }

    @Test func `The mean error of a channel is taken out of its bias`() throws {
        // At 2 bits and one scale a tensor, 0.6 becomes 1 and 0.4 becomes 0 beside 1.
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 2, isPerChannel: false)
        let inputs = [TensorData([4, 1], [0, 1, 2, 3] as [Float])]
        let (graph, _, plan, records) = try corrected(linear([1, 0.6, 0.4]), profile: profile, inputs: inputs)
        let bias = graph.numbers(plan.biases[0].value)
        // Errors of 0, 0.4 and -0.4 for each unit of an input whose mean is 1.5.
        for (number, expected) in zip(bias, [0, -0.6, 0.6] as [Float]) { #expect(abs(number - expected) < 1e-5) }
        #expect(records.map(\.node) == ["layer (Gemm)"])
        #expect(abs((records.first?.shift ?? 0) - (0.72 / 3).squareRoot()) < 1e-5)
    }

    /// Kernels of one element, so that no border is left out of account.
    @Test(arguments: [("Conv", 1), ("Conv", 2), ("ConvTranspose", 1)])
    func `The channels of a layer keep their mean`(operatorName: String, groups: Int) throws {
        var build = GraphBuilder(name: "layer")
        let x = build.input("input", .float32, ["N", 4, 5, 5])
        let shape: Shape = operatorName == "Conv" ? [6, 4 / groups, 1, 1] : [4, 6 / groups, 1, 1]
        let numbers = (0..<shape.elementCount).map { Float($0 * 37 % 23) / 11 - 1 }
        let weight = build.constant("weight", TensorData(shape, numbers))
        build.output(
            build.node(operatorName, [x, weight], name: "layer", attributes: ["group": .int(groups)]), name: "output")
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 3)
        let inputs = [TensorData([2, 4, 5, 5], (0..<200).map { Float($0 * 7 % 41) / 20 })]
        let (graph, float, plan, records) = try corrected(build.graph, profile: profile, inputs: inputs)
        #expect(records.count == 1)
        func means(_ graph: Graph) throws -> [Float] {
            var quantized = graph
            try StaticQuantization.apply(plan, to: &quantized)
            return try quantized.run(inputs)[0].channelMeans.elements(of: Float.self)
        }
        let expected = try build.graph.run(inputs)[0].channelMeans.elements(of: Float.self)
        func worst(_ found: [Float]) -> Float { zip(found, expected).map { abs($0 - $1) }.max() ?? 0 }
        let (before, after) = (worst(try means(float)), worst(try means(graph)))
        // What is left is the rounding of activations.
        #expect(after < 0.01 && before > 5 * after, "\(before), then \(after)")
    }

    @Test func `Of a transposed convolution with steps, as many elements count as meet`() throws {
        var build = GraphBuilder(name: "layer")
        let x = build.input("input", .float32, ["N", 1, 8, 8])
        let weight = build.constant("weight", TensorData([1, 1, 2, 2], [1, 0.6, 0.6, 0.6] as [Float]))
        build.output(
            build.node(
                "ConvTranspose", [x, weight], name: "layer", attributes: ["strides": .ints([2, 2])]), name: "output")
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 2)
        let inputs = [TensorData([1, 1, 8, 8], [Float](repeating: 1, count: 64))]
        let (graph, _, plan, _) = try corrected(build.graph, profile: profile, inputs: inputs)
        // Three of four elements are 0.4 too large, and each output meets one.
        #expect(abs(graph.numbers(plan.biases[0].value)[0] + 0.3) < 1e-5)
    }

    @Test(arguments: TinyGraphs.names) func `Every pattern keeps its answers`(name: String) throws {
        let original = try #require(TinyGraphs.named(name))
        let inputs = original.sampleInputs(batch: 8)
        var (graph, float, plan, _) = try corrected(original, profile: .x86VNNI, inputs: inputs)
        // Only biases change.
        for weight in plan.weights {
            #expect(graph.constant(named: weight.value) == float.constant(named: weight.value))
        }
        try StaticQuantization.apply(plan, to: &graph)
        let expected = try original.run(inputs)[0]
        #expect(expected.difference(from: try graph.run(inputs)[0], tolerance: 0.1) == nil)
    }

    @Test func `Without means a layer stays as it is`() throws {
        let original = TinyGraphs.residual()
        let inputs = original.sampleInputs(batch: 4)
        let (float, plan, _) = try PlannedGraph.make(original, profile: .x86VNNI, inputs: inputs)
        var graph = float
        #expect(try BiasCorrection.apply(to: &graph, plan: plan, channelMeans: [:]).isEmpty)
        #expect(graph == float)
    }
}
