import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Testing

@Suite struct NetworkTests {
    @Test func `Parameters have the model's names and ask for gradients; settings and statistics do not`() throws {
        let network = try Network(TrainingGolden.image.graph())
        #expect(
            network.parameters.map(\.name) == [
                "conv1.weight", "conv1.bias", "bn1.weight", "bn1.bias", "conv2.weight", "conv2.bias", "fc.weight",
                "fc.bias",
            ])
        for parameter in network.parameters {
            #expect(parameter.tensor.requiresGradient)
            #expect(parameter.tensor.type == network.graph.constants[parameter.value]?.type)
        }
        for value in network.graph.statistics {
            #expect(try #require(network.tensor(of: value)).requiresGradient == false)
        }
    }

    @Test(arguments: TinyGraphs.names) func `A snapshot is the graph that was bound, and loading it changes nothing`(
        _ name: String
    ) throws {
        let graph = try #require(TinyGraphs.named(name))
        let network = try Network(graph)
        #expect(try network.snapshot() == graph)
        try withoutGradients { for parameter in network.parameters { try parameter.tensor.multiply(by: 2) } }
        let changed = try network.snapshot()
        #expect(changed != graph)
        let inputs = graph.sampleInputs()
        let tensors = try inputs.map { try Tensor($0) }
        #expect(try network.forward(tensors).outputs[0].data() == (try changed.run(inputs)[0]))
        try network.load(graph)
        #expect(try network.snapshot() == graph)
    }

    @Test func `Weights keep their values in channels-last order`() throws {
        let graph = TrainingGolden.clip.graph()
        let network = try Network(graph, channelsLast: true)
        #expect(network.parameters.contains { $0.tensor.isChannelsLast && !$0.tensor.isContiguous })
        #expect(try network.snapshot() == graph)
        let inputs = graph.sampleInputs()
        let output = try network.forward(try inputs.map { try Tensor($0) }).outputs[0].data()
        #expect(output.difference(from: try graph.run(inputs)[0]) == nil)
    }

    @Test func `Taps return values inside the network, inputs and constants among them`() throws {
        let graph = TrainingGolden.image.graph()
        let names = ["conv1.out", "pool.out", "input", "fc.weight", "logits"]
        let taps = try names.map { try #require(graph.value(named: $0), "\($0)") }
        let inputs = graph.sampleInputs()
        let network = try Network(graph)
        let tensors = try inputs.map { try Tensor($0) }
        let result = try network.forward(tensors, taps: taps)
        #expect(Set(result.taps.keys) == Set(taps))
        // The same values as outputs of a graph of their own.
        var exposed = graph
        for tap in taps { exposed.addOutput(tap) }
        let expected = try exposed.run(inputs)
        for (tap, expected) in zip(taps, expected.dropFirst()) {
            #expect(try result.taps[tap]?.data() == expected, "\(graph[tap].name)")
        }
        #expect(try result.outputs[0].data() == (try network.forward(tensors).outputs[0].data()))
    }

    @Test func `One network takes batches of any size and shapes that change from run to run`() throws {
        let graph = try #require(TinyGraphs.named("residual"))
        let network = try Network(graph)
        let whole = graph.sampleInputs(batch: 3)[0]
        let all = try network.forward([try Tensor(whole)]).outputs[0].data()
        let tensor = try Tensor(whole)
        for index in 0..<3 {
            let one = try network.forward([try tensor.narrowed(axis: 0, start: index, count: 1)]).outputs[0].data()
            let row = TensorData([1, 3], Array(all.elements(of: Float.self)[3 * index..<3 * index + 3]))
            #expect(one.difference(from: row) == nil)
        }
    }

    @Test func `A wrong number of inputs and a wrong shape are refused with the shape that is right`() throws {
        let network = try Network(TrainingGolden.clip.graph())
        let image = try Tensor.zeros([1, 2, 8, 8])
        let error = #expect(throws: NetworkError.self) { _ = try network.forward([image]) }
        #expect(error?.code == .inputMismatch)
        #expect(error?.message == "The input input takes [N, 2, 4, 8, 8] and was given [1, 2, 8, 8].")
        let none = #expect(throws: NetworkError.self) { _ = try network.forward([]) }
        #expect(none?.message == "The network takes 1 inputs and was given 0.")
        let channels = #expect(throws: NetworkError.self) {
            _ = try network.forward([try Tensor.zeros([1, 3, 4, 8, 8])])
        }
        #expect(channels?.code == .inputMismatch)
    }

    @Test func `A free size that some node cannot take is reported with the node`() throws {
        var build = LayerBuilder(name: "free", weights: .random(seed: 0))
        let input = build.graph.input("input", .float32, ["N", 1, "H", "W"])
        build.graph.output(build.linear(build.flatten(input), "fc", features: (16, 2)), name: "logits")
        let network = try Network(build.graph.graph)
        #expect(try network.forward([try Tensor.zeros([2, 1, 2, 8])]).outputs[0].shape == [2, 2])
        let error = #expect(throws: NetworkError.self) { _ = try network.forward([try Tensor.zeros([2, 1, 4, 5])]) }
        #expect(error?.code == .invalidGraph)
        #expect(error?.location?.node == "fc (Gemm)")
    }

    @Test func `An unknown operator is reported with its node`() throws {
        var build = GraphBuilder(name: "unknown")
        let input = build.input("input", .float32, ["N"])
        build.output(build.node("Frobnicate", [input], name: "odd"), name: "output")
        let network = try Network(build.graph)
        let error = #expect(throws: NetworkError.self) { _ = try network.forward([try Tensor.zeros([2])]) }
        #expect(error?.code == .invalidGraph)
        #expect(error?.location?.node == "odd (Frobnicate)")
    }
}
