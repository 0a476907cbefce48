import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Testing

@testable import BantamQuantization

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
            .apply(to: &graph, plan: plan, inputs: try inputs.map { try Tensor($0) }).roundings
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

    @Test(arguments: [0, 20], ["residual", "transposed"])
    func `What is left of the error on average goes into the biases`(steps: Int, name: String) throws {
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 3)
        let original = name == "transposed" ? Self.transposed() : TinyGraphs.residual()
        let inputs = original.sampleInputs(batch: 16)
        let (float, plan, _) = try PlannedGraph.make(original, profile: profile, inputs: inputs)
        func meanErrors(_ graph: Graph) throws -> [Float] {
            var quantized = graph
            try StaticQuantization.apply(plan, to: &quantized)
            let (expected, actual) = (try original.run(inputs)[0], try quantized.run(inputs)[0])
            let means = [expected, actual].map { $0.channelMeans.elements(of: Float.self) }
            return zip(means[0], means[1]).map { abs($0 - $1) }
        }
        func rounded(correctsBias: Bool) throws -> (graph: Graph, shifts: [BiasCorrection.Record]) {
            var graph = float
            let shifts = try LayerRounding(steps: steps, correctsBias: correctsBias)
                .apply(to: &graph, plan: plan, inputs: try inputs.map { try Tensor($0) }).shifts
            return (graph, shifts)
        }
        let (with, without) = (try rounded(correctsBias: true), try rounded(correctsBias: false))
        #expect(with.shifts.count == plan.biases.count && without.shifts.isEmpty)
        #expect(with.shifts.allSatisfy { $0.shift > 0 })
        for bias in plan.biases { #expect(without.graph.numbers(bias.value) == float.numbers(bias.value)) }
        // The last layer's bias makes up for all that comes before: it is right only if the walk goes on with biases as
        // they will be.
        let errors = (with: try meanErrors(with.graph), without: try meanErrors(without.graph))
        // What is left is half a step of the biases.
        #expect(10 * (errors.with.max() ?? 1) < errors.without.max() ?? 0, "\(errors)")
    }

    /// Two layers, the second of which spreads its input out.
    private static func transposed() -> Graph {
        var build = LayerBuilder(name: "transposed", weights: .random(seed: 2))
        let x = build.graph.input("input", .float32, ["N", 3, 6, 6])
        let inner = build.relu(build.convolution(x, "conv", channels: (3, 4), kernel: [3, 3]), "relu")
        var random = SeededGenerator(seed: 4).stream("weight")
        let weight = build.graph.constant("up.weight", TensorData.random([4, 5, 2, 2], from: &random))
        build.graph.output(
            build.graph.node(
                "ConvTranspose", [inner, weight], name: "up", attributes: ["strides": .ints([2, 2])]), name: "output")
        return build.graph.graph
    }

    @Test func `A bias that counts more than once is left alone`() throws {
        var build = GraphBuilder(name: "scaled")
        let x = build.input("input", .float32, ["N", 3])
        let weight = build.constant("weight", TensorData([3, 2], [0.9, -0.3, 0.2, 0.7, 0.45, 0.1] as [Float]))
        let bias = build.constant("bias", TensorData([2], [0.1, -0.2] as [Float]))
        build.output(
            build.node("Gemm", [x, weight, bias], name: "layer", attributes: ["beta": .float(2)]), name: "output")
        let inputs = build.graph.sampleInputs(batch: 8)
        let (float, plan, _) = try PlannedGraph.make(build.graph, profile: .x86VNNI, inputs: inputs)
        var graph = float
        let (roundings, shifts) = try LayerRounding(steps: 1)
            .apply(to: &graph, plan: plan, inputs: try inputs.map { try Tensor($0) })
        #expect(roundings.count == plan.weights.count && shifts.isEmpty)
        #expect(graph.numbers("bias") == float.numbers("bias"))
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
