import BantamGraph
import BantamNetwork
import BantamQuantization
import BantamTestSupport
import Testing

@Suite struct RescalableChannelsTests {
    /// The largest difference of two outputs, as a share of the largest element.
    private func difference(_ left: [TensorData], _ right: [TensorData]) -> Float {
        zip(left, right).map { left, right in
            let (left, right) = (left.elements(of: Float.self), right.elements(of: Float.self))
            let largest = left.map(abs).max() ?? 0
            return (zip(left, right).map { abs($0 - $1) }.max() ?? 0) / max(largest, .leastNormalMagnitude)
        }.max() ?? 0
    }

    /// Multiplies all free channels by random numbers from 1/8 to 8.
    private func rescaled(_ graph: Graph) throws -> (graph: Graph, count: Int) {
        let channels = try RescalableChannels(of: graph)
        var random = SeededGenerator(seed: 3).stream(graph.name)
        let factors = (0..<channels.count).map { _ in
            Double(sign: .plus, exponent: 0, significand: 1 + 7 * Double(random.uniform(in: 0...1)))
                * (random.uniform(in: 0...1) < 0.5 ? 1 : 0.125)
        }
        var changed = graph
        try channels.rescaling(by: factors, of: graph).apply(to: &changed)
        return (changed, channels.count)
    }

    @Test(arguments: TinyGraphs.names)
    func `Multiplying channels leaves what a pattern computes as it was`(name: String) throws {
        var graph = try #require(TinyGraphs.named(name))
        try StaticQuantization().prepare(&graph)
        let (changed, _) = try rescaled(graph)
        changed.checkInvariants()
        let inputs = graph.sampleInputs()
        #expect(try difference(graph.run(inputs), changed.run(inputs)) < 1e-5)
    }

    @Test(arguments: [
        ("cifar_resnet20", [3, 32, 32]), ("mobilenet_v2", [3, 64, 64]), ("shufflenet_v2_x0_5", [3, 64, 64]),
        ("r2plus1d_18", [3, 4, 32, 32]), ("squeezenet1_1", [3, 64, 64]), ("mobilenet_v3_small", [3, 64, 64]),
    ])
    func `Multiplying channels leaves what an architecture computes as it was`(name: String, shape: [Int]) throws {
        let variant = try Architectures.variant(named: name)
        var graph = variant.graph(classCount: 10, inputShape: Shape(shape), weights: .random(seed: 1))
        try StaticQuantization().prepare(&graph)
        let (changed, count) = try rescaled(graph)
        #expect(count > 50, "\(name): \(count) channels")
        #expect(changed != graph)
        let inputs = graph.sampleInputs()
        #expect(try difference(graph.run(inputs), changed.run(inputs)) < 1e-5)
    }

    /// Of a chain of two layers with `between` in their middle.
    private func freeChannels(between: (inout GraphBuilder, ValueID) -> ValueID) throws -> Int {
        var build = GraphBuilder(name: "chain")
        let x = build.input("input", .float32, ["N", 2, 4, 4])
        let weight = TensorData([3, 2, 1, 1], (1...6).map { Float($0) })
        let hidden = between(&build, build.convolution(x, "first", weight: weight))
        let second = TensorData([2, 3, 1, 1], (1...6).map { Float($0) })
        build.output(build.convolution(hidden, "second", weight: second), name: "output")
        return try RescalableChannels(of: build.graph).count
    }

    @Test func `Homogeneous operators let factors through, others do not`() throws {
        func between(_ name: String, _ constants: [(String, Float)] = []) throws -> Int {
            try freeChannels { build, x in
                let stored = constants.map { build.constant($0.0, TensorData(scalar: $0.1)) }
                return build.node(name, [x] + stored.map { .some($0) }, name: "between")
            }
        }
        for name in ["Relu", "LeakyRelu", "Identity", "Neg", "Abs"] { #expect(try between(name) == 3, "\(name)") }
        for name in ["Sigmoid", "HardSwish", "Elu", "Softplus"] { #expect(try between(name) == 0, "\(name)") }
        // ReLU6 saturates at 6 whatever the channel's factor is.
        #expect(try between("Clip", [("zero", 0), ("six", 6)]) == 0)
        #expect(try between("Clip", [("zero", 0)]) == 3)
        #expect(try between("Mul", [("half", 0.5)]) == 3)
        #expect(try between("Add", [("zero", 0)]) == 3)
        #expect(try between("Add", [("one", 1)]) == 0)
    }

    @Test func `A constant that is added to each channel is multiplied with it`() throws {
        var build = GraphBuilder(name: "offset")
        let x = build.input("input", .float32, ["N", 2])
        let first = build.constant("first.weight", TensorData([2, 2], [1, 2, 3, 4] as [Float]))
        let shift = build.constant("shift", TensorData([2], [1, 2] as [Float]))
        let second = build.constant("second.weight", TensorData([2, 2], [1, 2, 3, 4] as [Float]))
        let hidden = build.node("Add", [build.node("MatMul", [x, first], name: "first"), shift], name: "add")
        let active = build.node("Relu", [hidden], name: "relu")
        build.output(build.node("MatMul", [active, second], name: "second"), name: "output")
        var graph = build.graph
        let channels = try RescalableChannels(of: graph)
        #expect(channels.count == 2)
        let rescaling = channels.rescaling(by: [2, 4], of: graph)
        try rescaling.apply(to: &graph)
        #expect(graph.numbers("first.weight") == [2, 8, 6, 16])
        #expect(graph.numbers("shift") == [2, 8])
        #expect(graph.numbers("second.weight") == [0.5, 1, 0.75, 1])
        #expect(try throughJSON(rescaling) == rescaling)
    }

    @Test func `The operands of a sum are one channel, and the sides of a depthwise convolution two`() throws {
        // Stem and conv2, which are added: 4. Between conv1 and conv2: 6.
        var residual = TinyGraphs.residual()
        try StaticQuantization().prepare(&residual)
        #expect(try RescalableChannels(of: residual).count == 4 + 6 + 4 - 4)
        // Before and behind the depthwise convolution, and the last convolution's.
        var depthwise = TinyGraphs.depthwise()
        try StaticQuantization().prepare(&depthwise)
        #expect(try RescalableChannels(of: depthwise).count == 6 + 6 + 4)
    }

    @Test func `A rescaling for another graph is refused, and the graph is left unchanged`() throws {
        let residual = TinyGraphs.residual()
        let channels = try RescalableChannels(of: residual)
        let rescaling = channels.rescaling(by: Array(repeating: 2, count: channels.count), of: residual)
        var graph = TinyGraphs.chain()
        let before = graph
        #expect(errorCode { try rescaling.apply(to: &graph) } == .planMismatch)
        #expect(graph == before)
    }
}
