import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Testing

/// Gradients and statistics against PyTorch's, of images and of clips.
@Suite struct NetworkTrainingTests {
    /// One forward and one backward pass in training mode.
    private func step(
        _ network: Network, on values: SafeTensors
    ) throws -> (logits: TensorData, loss: TensorData) {
        let input = try Tensor(try #require(values.tensors["input"]))
        let labels = try Tensor(try #require(values.tensors["labels"]))
        let logits = try network.forward([input], mode: .training).outputs[0]
        let loss = try logits.crossEntropy(with: labels, labelSmoothing: 0.1)
        try loss.backward()
        return (try logits.data(), try loss.data())
    }

    @Test(arguments: TrainingGolden.all, [false, true]) func `A training step is PyTorch's, in either memory order`(
        _ golden: TrainingGolden, channelsLast: Bool
    ) throws {
        let values = try golden.values()
        let network = try Network(try golden.graph(with: values), channelsLast: channelsLast)
        let (logits, loss) = try step(network, on: values)
        #expect(logits.difference(from: try #require(values.tensors["logits"])) == nil)
        #expect(loss.difference(from: try #require(values.tensors["loss"])) == nil)
        for parameter in network.parameters {
            let gradient = try #require(parameter.tensor.gradient, "\(parameter.name)").data()
            let expected = try #require(values.tensors["gradient/\(parameter.name)"])
            #expect(gradient.difference(from: expected) == nil, "\(parameter.name)")
        }
        let trained = try network.snapshot()
        #expect(trained.statistics.count == 2)
        for value in trained.statistics {
            let expected = try #require(values.tensors["after/\(trained[value].name)"])
            #expect(trained.constants[value]?.difference(from: expected) == nil, "\(trained[value].name)")
        }
    }

    @Test func `Statistics move a tenth of the way to the batch's, the variance being the sample's`() throws {
        var build = GraphBuilder(name: "norm")
        let input = build.input("input", .float32, ["N", 1, "L"])
        let parameters = [("scale", 1), ("shift", 0), ("mean", 10), ("variance", 4)].map { name, number in
            build.constant(name, TensorData([1], [Float(number)]))
        }
        build.output(build.node("BatchNormalization", [input] + parameters, name: "norm"), name: "output")
        let network = try Network(build.graph)
        // Of 1, 2, 3, 6 the mean is 3 and the sample's variance 14 / 3.
        let batch = try Tensor(TensorData([2, 1, 2], [1, 2, 3, 6] as [Float]))
        let output = try network.forward([batch], mode: .training).outputs[0].data()
        let deviation = (Float(14) / 4 + 1e-5).squareRoot()
        let normalized = TensorData([2, 1, 2], [-2, -1, 0, 3].map { $0 / deviation })
        #expect(output.difference(from: normalized) == nil)
        let moved: [(String, Float)] = [("mean", 0.9 * 10 + 0.1 * 3), ("variance", 0.9 * 4 + 0.1 * 14 / 3)]
        let trained = try network.snapshot()
        for (name, expected) in moved {
            let data = try #require(trained.value(named: name).flatMap { trained.constants[$0] })
            #expect(data.difference(from: TensorData([1], [expected])) == nil, "\(name)")
        }
    }

    @Test func `Inference leaves statistics alone`() throws {
        let graph = TrainingGolden.image.graph().withLivelyBatchNorms()
        let network = try Network(graph)
        let input = try Tensor(graph.sampleInputs()[0])
        _ = try network.forward([input])
        #expect(try network.snapshot() == graph)
        _ = try network.forward([input], mode: .training)
        #expect(try network.snapshot() != graph)
    }

    @Test(arguments: TrainingGolden.all) func `A training step leaves no tensor behind`(
        _ golden: TrainingGolden
    ) throws {
        let values = try golden.values()
        func trainOnce() throws { _ = try step(try Network(try golden.graph(with: values)), on: values) }
        try trainOnce()
        let before = Tensor.liveCountOnThread
        try trainOnce()
        #expect(Tensor.liveCountOnThread == before)
    }

    @Test(arguments: TinyGraphs.names) func `Every parameter that the output depends on gets a gradient`(
        _ name: String
    ) throws {
        let graph = try #require(TinyGraphs.named(name))
        var alive = graph
        _ = try RemoveDeadNodes().run(on: &alive)
        let network = try Network(graph)
        let inputs = try graph.sampleInputs().map { try Tensor($0) }
        try network.forward(inputs, mode: .training).outputs[0].sum().backward()
        let reached = Set(network.parameters.filter { $0.tensor.gradient != nil }.map(\.name))
        #expect(reached == Set(alive.parameters.map { alive[$0].name }))
    }

    /// Shape inference knows such a weight's elements, but training changes them.
    @Test func `A weight that is reshaped before it is used is learned`() throws {
        var build = GraphBuilder(name: "reshaped")
        let input = build.input("input", .float32, ["N", 3])
        let weight = build.constant("shift", TensorData([1, 3, 1], [1, 2, 3] as [Float]))
        let shape = build.constant("shape", TensorData([1], [-1] as [Int64]))
        let flat = build.node("Reshape", [weight, shape], name: "flat")
        build.output(build.node("Add", [input, flat], name: "sum"), name: "output")
        let network = try Network(build.graph)
        let output = try network.forward([try Tensor(TensorData([2, 3], [Float](repeating: 0, count: 6)))]).outputs[0]
        try output.sum().backward()
        let parameter = try #require(network.parameters.first)
        #expect(parameter.name == "shift")
        #expect(try parameter.tensor.gradient?.data() == TensorData([1, 3, 1], [2, 2, 2] as [Float]))
    }
}
