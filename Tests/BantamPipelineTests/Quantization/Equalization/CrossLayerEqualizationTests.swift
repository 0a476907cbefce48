import BantamGraph
import BantamNetwork
import BantamPipeline
import BantamQuantization
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct CrossLayerEqualizationTests {
    @Test func `Both sides of a channel get the square root of the product of their sizes`() throws {
        var build = GraphBuilder(name: "pair")
        let x = build.input("input", .float32, ["N", 1, 2, 2])
        let hidden = build.convolution(x, "first", weight: TensorData([2, 1, 1, 1], [8, 0.5] as [Float]))
        let active = build.node("Relu", [hidden], name: "relu")
        build.output(
            build.convolution(active, "second", weight: TensorData([1, 2, 1, 1], [0.5, 2] as [Float])),
            name: "output")
        var graph = build.graph
        let plan = try CrossLayerEqualization().plan(for: graph)
        try plan.rescaling.apply(to: &graph)
        #expect(plan.channels == 2)
        // The products 8 * 0.5 and 0.5 * 2 stay; within each layer the ratio becomes that of their roots, 2 : 1.
        let (first, second) = (graph.numbers("first.weight"), graph.numbers("second.weight"))
        #expect(abs(first[0] * second[0] - 4) < 1e-5 && abs(first[1] * second[1] - 1) < 1e-5)
        #expect(abs(first[0] / first[1] - 2) < 0.05 && abs(second[0] / second[1] - 2) < 0.05)
        #expect(try throughJSON(plan) == plan)
    }

    @Test func `Channels of zeros stay as they are`() throws {
        var build = GraphBuilder(name: "pruned")
        let x = build.input("input", .float32, ["N", 1, 2, 2])
        let hidden = build.convolution(x, "first", weight: TensorData([2, 1, 1, 1], [3, 0] as [Float]))
        build.output(
            build.convolution(hidden, "second", weight: TensorData([1, 2, 1, 1], [1, 5] as [Float])),
            name: "output")
        var graph = build.graph
        try CrossLayerEqualization().plan(for: graph).rescaling.apply(to: &graph)
        #expect(graph.numbers("first.weight")[1] == 0 && graph.numbers("second.weight")[1] == 5)
    }

    /// Also where most of a layer's channels are constants.
    @Test(arguments: [1, 3])
    func `An almost constant channel is not made the largest of all`(count: Int) throws {
        func largestBias(_ method: CrossLayerEqualization) throws -> Float {
            var build = GraphBuilder(name: "biased")
            let x = build.input("input", .float32, ["N", 1])
            let weights = (0..<4).map { $0 < 4 - count ? 1 : 1e-6 as Float }
            let weight = build.constant("weight", TensorData([4, 1], weights))
            let bias = build.constant("bias", TensorData([4], (0..<4).map { $0 < 4 - count ? 0.5 : 1 as Float }))
            let hidden = build.node("Gemm", [x, weight, bias], name: "first", attributes: ["transB": .int(1)])
            let second = build.constant("second", TensorData([1, 4], [1, 1, 1, 1] as [Float]))
            let active = build.node("Relu", [hidden], name: "relu")
            build.output(
                build.node("Gemm", [active, second], name: "last", attributes: ["transB": .int(1)]), name: "output")
            var graph = build.graph
            try method.plan(for: graph).rescaling.apply(to: &graph)
            let numbers = graph.numbers("bias")
            return numbers[3] / numbers[0]
        }
        #expect(try largestBias(CrossLayerEqualization()) < 10)
        #expect(try largestBias(CrossLayerEqualization(biasRatio: .infinity)) > 100)
    }

    @Test func `A weight with NaN is named`() throws {
        var graph = TinyGraphs.residual()
        graph.setNumbers("conv1.weight") { $0 == 0 ? .nan : $1 }
        let damaged = graph
        #expect(errorText { _ = try CrossLayerEqualization().plan(for: damaged) }.contains("conv1.weight"))
    }

    @Test(arguments: [nil, 3], ["x86-vnni", "npu-2d"])
    func `A model of unbalanced channels is recovered`(frames: Int?, target: String) throws {
        // The accelerator has no kernels for clips.
        if frames != nil, target == "npu-2d" { return }
        let samples = BandSamples(frames: frames, count: 96)
        let data = try samples.data(heldOut: 0)
        let runner = StepRunner(data: data)
        var graph = try runner.perform(.train(.quick(epochs: 8)), on: samples.classifier(width: 16)).graph
        try StaticQuantization().prepare(&graph)
        let reference = try OutputError(of: graph, on: data)
        let channels = try RescalableChannels(of: graph)
        var random = SeededGenerator(seed: 5).stream("factors")
        let factors = (0..<channels.count).map { _ in
            (0..<6).reduce(1.0) { product, _ in product * (random.uniform(in: 0...1) < 0.5 ? 0.5 : 2) }
        }
        var unbalanced = graph
        try channels.rescaling(by: factors, of: graph).apply(to: &unbalanced)
        func quality(_ graph: Graph, equalizes: Bool) throws -> Double {
            let configuration = StaticQuantizationConfiguration(
                target: target, samples: 48, equalizes: equalizes, correctsBias: false)
            return try reference.signalToNoise(of: try runner.perform(.quantizeStatic(configuration), on: graph).graph)
        }
        let balanced = try quality(graph, equalizes: false)
        let before = try quality(unbalanced, equalizes: false)
        let after = try quality(unbalanced, equalizes: true)
        #expect(before < balanced - 6, "\(balanced) dB, unbalanced \(before)")
        #expect(after > balanced - 4, "\(balanced) dB, unbalanced \(before), equalized \(after)")
    }
}
