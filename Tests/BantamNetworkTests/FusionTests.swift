import BantamGraph
import BantamTensor
import BantamTestSupport
import Testing

@testable import BantamNetwork

/// A convolution and its ReLU in one step: the same numbers as in two.
@Suite struct FusionTests {
    /// `conv` → `relu` → global average → logits, over images or clips.
    private static func graph(kernel: [Int], groups: Int = 1, bias: Bool = true) -> Graph {
        var build = LayerBuilder(name: "fusion", weights: .random(seed: 3))
        let sizes = kernel.map { _ in InputDimension.fixed(7) }
        var x = build.graph.input("input", .float32, ["N", 4] + sizes)
        x = build.convolution(
            x, "conv", channels: (4, 6), kernel: kernel, padding: .symmetric(kernel.map { $0 / 2 }), groups: groups,
            bias: bias)
        x = build.relu(x)
        x = build.graph.node("GlobalAveragePool", [x], name: "pool")
        x = build.linear(build.flatten(x), "fc", features: (6, 3))
        build.graph.output(x, name: "logits")
        return build.graph.graph
    }

    private static let graphs = [
        graph(kernel: [3, 3]), graph(kernel: [3, 3], bias: false), graph(kernel: [1, 3], groups: 2),
        graph(kernel: [1, 3, 3]), graph(kernel: [3, 1, 1], bias: false),
        graph(kernel: [3]),
    ]

    /// Logits, then the gradients of the parameters and of the input.
    private func results(of graph: Graph, apart: Bool, channelsLast: Bool, autocast: Bool) throws -> [TensorData] {
        let network = try Network(graph, channelsLast: channelsLast)
        let input = try Tensor(graph.sampleInputs(batch: 3)[0]).requireGradient()
        // A tap on the convolution keeps the two apart.
        let taps = apart ? [try #require(graph.nodes.values.first?.outputs[0])] : []
        let run = { try network.forward([input], mode: .training, taps: taps).outputs[0] }
        let logits = autocast ? try withAutocast(.bfloat16, on: .cpu, run) : try run()
        try logits.crossEntropy(with: try Tensor(TensorData([3], [0, 1, 2] as [Int64]))).backward()
        let gradients = try (network.parameters.map(\.tensor) + [input]).map { try #require($0.gradient) }
        return try ([logits] + gradients).map { try $0.converted(to: .float32).data() }
    }

    @Test(arguments: graphs, [false, true])
    func `Values and gradients are those of two steps`(graph: Graph, channelsLast: Bool) throws {
        let joined = try results(of: graph, apart: false, channelsLast: channelsLast, autocast: false)
        let apart = try results(of: graph, apart: true, channelsLast: channelsLast, autocast: false)
        for (one, two) in zip(joined, apart) { #expect(one.difference(from: two) == nil) }
    }

    @Test(arguments: graphs, [false, true])
    func `In bfloat16 too`(graph: Graph, channelsLast: Bool) throws {
        let joined = try results(of: graph, apart: false, channelsLast: channelsLast, autocast: true)
        let apart = try results(of: graph, apart: true, channelsLast: channelsLast, autocast: true)
        for (one, two) in zip(joined, apart) {
            #expect(one.difference(from: two, tolerance: 4e-3) == nil)
        }
    }

    @Test func `Only a convolution that ReLU alone reads is joined with it`() throws {
        func calls(_ graph: Graph, taps: [ValueID] = []) throws -> [String] {
            let program = try Program(
                graph, inputShapes: [[2, 4, 7, 7]], mode: .inference, taps: taps, parameters: graph.parameters,
                device: .cpu)
            return program.steps.map(\.operation.name)
        }
        let graph = Self.graph(kernel: [3, 3])
        let convolved = try #require(graph.nodes.values.first?.outputs[0])
        #expect(try calls(graph).first == "bantam::convolution_relu")
        #expect(try calls(graph).contains("aten::relu") == false)
        #expect(try calls(graph, taps: [convolved]).prefix(2) == ["aten::convolution", "aten::relu"])

        var build = LayerBuilder(name: "two readers", weights: .random(seed: 3))
        let x = build.graph.input("input", .float32, ["N", 4, 7, 7])
        let y = build.convolution(x, "conv", channels: (4, 4), kernel: [1, 1])
        build.graph.output(build.graph.node("Add", [build.relu(y), y], name: "add"), name: "sum")
        #expect(try calls(build.graph.graph) == ["aten::convolution", "aten::relu", "aten::add"])
    }
}
