import BantamGraph
import BantamNetwork
import BantamRestructuring
import BantamTestSupport
import Testing

@Suite struct SeparableConvolutionTests {
    private func separated(_ graph: Graph) throws -> (graph: Graph, plan: SeparableConvolution.Plan) {
        let plan = try SeparableConvolution.plan(for: graph)
        var copy = graph
        try SeparableConvolution.apply(plan, to: &copy)
        copy.checkInvariants()
        return (copy, plan)
    }

    /// One convolution of an input of 8 entries along each spatial axis.
    private func single(_ weight: TensorData, _ attributes: [(name: String, value: Attribute)] = []) -> Graph {
        var build = GraphBuilder(name: "single")
        let space = [InputDimension](repeating: 8, count: weight.shape.rank - 2)
        let group = attributes.first { $0.name == "group" }.map { $0.value == .int(2) ? 2 : 1 } ?? 1
        let input = build.input("input", .float32, ["N", .fixed(weight.shape[1] * group)] + space)
        build.output(build.convolution(input, "conv", weight: weight, attributes: attributes), name: "output")
        return build.graph
    }

    @Test func `A plan for another graph is refused, and the graph is left unchanged`() throws {
        let plan = try SeparableConvolution.plan(for: Architectures.variant(named: "simple_cnn").graph())
        var graph = TinyGraphs.depthwise()
        let before = graph
        #expect(errorCode { try SeparableConvolution.apply(plan, to: &graph) } == .planMismatch)
        #expect(graph == before)
    }

    /// The sum of `count` separable weights, `pointwise[b, a] * depthwise[a, taps...]`, the taps being `spacing` apart.
    private func separableWeight(
        outputs: Int, inputs: Int, kernel: [Int], spacing: [Int], count: Int
    ) -> TensorData {
        var random = SeededGenerator(seed: 6)
        let shape = Shape([outputs, inputs] + kernel)
        let volume = kernel.reduce(1, *)
        var elements = [Float](repeating: 0, count: shape.elementCount)
        let strides = Shape(kernel).strides
        for _ in 0..<count {
            let pointwise = (0..<outputs * inputs).map { _ in random.normal() }
            let depthwise = (0..<inputs * volume).map { position -> Float in
                let coordinates = kernel.indices.map { position % volume / strides[$0] % kernel[$0] }
                let isTap = zip(coordinates, spacing).allSatisfy { $0.isMultiple(of: $1) }
                return isTap ? random.normal() : 0
            }
            for position in elements.indices {
                let (output, input) = (position / (inputs * volume), position / volume % inputs)
                elements[position] += pointwise[output * inputs + input] * depthwise[input * volume + position % volume]
            }
        }
        return TensorData(shape, elements)
    }

    @Test(arguments: TinyGraphs.names) func `Shapes stay and MACs go down, in images and clips`(name: String) throws {
        let original = try #require(TinyGraphs.named(name))
        guard !["depthwise", "flatten_to_linear"].contains(name) else {
            // Pointwise, grouped, and one whose pair would be dearer.
            #expect(errorCode { _ = try SeparableConvolution.plan(for: original) } == .nothingToCompress)
            return
        }
        let (graph, plan) = try separated(original)
        #expect(try graph.macs < original.macs)
        let before = try ShapeInference(of: original, sizes: ["N": 2])
        let after = try ShapeInference(of: graph, sizes: ["N": 2])
        for (id, value) in original.values where original.constants[id] == nil {
            // The output of a convolution that went has gone with it.
            guard let same = graph.value(named: value.name) else {
                #expect(original.producer(of: id)?.operatorName == "Conv")
                continue
            }
            #expect(after[same] == before[id], "\(value.name)")
        }
        for layer in plan.layers {
            #expect(graph.value(named: layer.weight) == nil)
            let stem = String(layer.weight.dropLast(".weight".count))
            let dense = try #require(original.node(making: "\(stem).out"))
            let (old, new) = (try #require(dense.outputs[0]), try #require(graph.value(named: "\(stem).pointwise.out")))
            #expect(after[new] == before[old])
        }
        #expect(try throughJSON(plan) == plan)
        let outputs = try graph.run(original.sampleInputs())
        #expect(outputs[0].shape == [2, 3] && outputs[0].elements(of: Float.self).allSatisfy(\.isFinite))
    }

    @Test(arguments: [
        ([3, 3], [1, 1]), ([5, 5], [2, 2]), ([3, 7], [1, 3]), ([1, 3, 3], [1, 1, 1]), ([3, 3, 3], [1, 1, 1]),
        ([5, 1, 1], [2, 1, 1]),
    ])
    func `A convolution that is separable already is reproduced`(kernel: [Int], spacing: [Int]) throws {
        let weight = separableWeight(outputs: 6, inputs: 5, kernel: kernel, spacing: spacing, count: 1)
        let original = single(weight)
        let (graph, plan) = try separated(original)
        #expect(plan.layers.map(\.multiplier) == [1] && plan.layers[0].dilations == spacing)
        let inputs = original.sampleInputs()
        #expect(try graph.run(inputs)[0].difference(from: original.run(inputs)[0], tolerance: 1e-5) == nil)
    }

    @Test(arguments: [[3, 3], [3, 3, 3]]) func `Few input channels get several filters each`(kernel: [Int]) throws {
        let ones = kernel.map { _ in 1 }
        let weight = separableWeight(outputs: 6, inputs: 2, kernel: kernel, spacing: ones, count: 3)
        let original = single(weight)
        let (graph, plan) = try separated(original)
        #expect(plan.layers.map(\.multiplier) == [3])
        #expect(graph.constant(named: "conv.depthwise.weight")?.shape == Shape([6, 1] + kernel))
        #expect(graph.constant(named: "conv.pointwise.weight")?.shape == Shape([6, 6] + ones))
        let inputs = original.sampleInputs()
        #expect(try graph.run(inputs)[0].difference(from: original.run(inputs)[0], tolerance: 1e-4) == nil)
    }

    @Test func `Strides, padding and bias go to the convolution that they belong to`() throws {
        let (graph, _) = try separated(TinyGraphs.chain())
        #expect(
            graph.plainText.split(separator: "\n").filter { $0.contains("Conv(") }.map(String.init) == [
                "  conv1.depthwise.out = Conv(input, conv1.depthwise.weight[6, 1, 3, 3]) kernel_shape=[3, 3] "
                    + "pads=[1, 1, 1, 1] strides=[1, 1] group=3 dilations=[1, 1]",
                "  conv1.pointwise.out = Conv(conv1.depthwise.out, conv1.pointwise.weight[6, 6, 1, 1], conv1.bias[6]) "
                    + "kernel_shape=[1, 1]",
                "  conv2.depthwise.out = Conv(relu1.out, conv2.depthwise.weight[6, 1, 3, 3]) kernel_shape=[3, 3] "
                    + "pads=[1, 1, 1, 1] strides=[2, 2] group=6 dilations=[1, 1]",
                "  conv2.pointwise.out = Conv(conv2.depthwise.out, conv2.pointwise.weight[4, 6, 1, 1], conv2.bias[4]) "
                    + "kernel_shape=[1, 1]",
            ])
    }

    @Test func `The demo's network loses most of its MACs`() throws {
        let original = try Architectures.variant(named: "simple_cnn").graph()
        let (graph, plan) = try separated(original)
        #expect(plan.layers.map(\.multiplier) == [9, 1])
        #expect(plan.layers.allSatisfy { $0.kernel == [3, 3] && $0.dilations == [2, 2] })
        // 24 * 24 * 9 * (9 + 10) and 8 * 8 * 10 * (9 + 20), and the linear layers' 16,500.
        #expect(try graph.macs == 98_496 + 18_560 + 16_500)
        #expect(graph[graph.outputs[0]].name == "logits")
    }

    // MARK: Refusals

    @Test func `What cannot be replaced is named with the reason`() {
        func weight(_ dimensions: Int...) -> TensorData { TensorData(zeros: TensorType(.float32, Shape(dimensions))) }
        func refusal(_ graph: Graph) -> String { errorText { _ = try SeparableConvolution.plan(for: graph) } }
        let start = "The model has no convolution that a cheaper pair can replace: "
        #expect(
            refusal(single(weight(8, 4, 3, 3), [("group", .int(2))])) == start + "conv (Conv): it is grouped already.")
        #expect(
            refusal(single(weight(8, 8, 3, 3), [("dilations", .ints([2, 1]))]))
                == start + "conv (Conv): it is dilated already.")
        #expect(refusal(single(weight(8, 8, 3, 4))) == start + "conv (Conv): its kernel [3, 4] has no middle.")
        #expect(refusal(single(weight(8, 8, 1, 2, 3))) == start + "conv (Conv): its kernel [1, 2, 3] has no middle.")
        #expect(refusal(single(weight(8, 8, 1, 1))).hasPrefix(start + "conv (Conv): the pair would not be cheaper"))
        #expect(refusal(single(weight(1, 8, 3, 3))).contains("cheaper (80 against 72 MACs a position)"))
        #expect(refusal(TinyGraphs.attention()).isEmpty)
    }

    @Test func `Weights that are shared or computed are left alone`() throws {
        var build = GraphBuilder(name: "shared")
        let input = build.input("input", .float32, ["N", 8, 6, 6])
        let weight = build.constant("weight", TensorData(zeros: TensorType(.float32, [8, 8, 3, 3])))
        let pads: Attribute = .ints([1, 1, 1, 1])
        let first = build.node("Conv", [input, weight], name: "first", attributes: ["pads": pads])
        let doubled = build.node("Add", [weight, weight], name: "doubled")
        let second = build.node("Conv", [first, doubled], name: "second", attributes: ["pads": pads])
        build.output(second, name: "output")
        let graph = build.graph
        let text = errorText { _ = try SeparableConvolution.plan(for: graph) }
        #expect(text.contains("first (Conv): its weight is shared"))
        #expect(text.contains("second (Conv): its weight is no float32 constant"))
        // In a model that has others too, those are replaced.
        #expect(try SeparableConvolution.plan(for: TinyGraphs.sharedWeight()).layers.map(\.weight) == ["stem.weight"])
    }
}
