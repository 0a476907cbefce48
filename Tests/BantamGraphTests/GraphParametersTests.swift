import BantamGraph
import BantamTestSupport
import Testing

@Suite struct GraphParametersTests {
    @Test func `Weights and biases are parameters, running statistics are not`() {
        let graph = TinyGraphs.chain()
        #expect(
            graph.parameters.map { graph[$0].name } == [
                "conv1.weight", "conv1.bias", "norm1.weight", "norm1.bias", "conv2.weight", "conv2.bias",
                "norm2.weight", "norm2.bias", "classifier.weight", "classifier.bias",
            ])
        #expect(
            graph.statistics.map { graph[$0].name } == [
                "norm1.running_mean", "norm1.running_var", "norm2.running_mean", "norm2.running_var",
            ])
    }

    @Test func `An operand counts when it is more than a single number`() {
        var build = GraphBuilder(name: "operands")
        let input = build.input("x", .float32, ["N", 3])
        let shifted = build.node("Add", [input, build.constant("learned", Samples.tensor([3]))])
        let half = build.constant("half", TensorData(scalar: 0.5 as Float))
        build.output(build.node("Mul", [shifted, half]), name: "y")
        let graph = build.graph
        #expect(graph.parameters.map { graph[$0].name } == ["learned"])
    }

    @Test func `A single number counts when the graph says that it is learned`() {
        var build = GraphBuilder(name: "scalars")
        let input = build.input("x", .float32, ["N", 3])
        build.enterScope("block")
        let scaled = build.node("Mul", [build.learnedScalar("alpha", 0), input])
        build.leaveScope()
        let half = build.constant("half", TensorData(scalar: 0.5 as Float))
        build.output(build.node("Mul", [scaled, half]), name: "y")
        var graph = build.graph
        #expect(graph.learnedScalars == ["block.alpha"])
        #expect(graph.parameters.map { graph[$0].name } == ["block.alpha"])
        graph.learnedScalars = []
        #expect(graph.parameters.isEmpty)
        #expect(graph.metadata.isEmpty)
    }

    @Test func `A constant is known by the layer that computes with it`() throws {
        let graph = Samples.quantizedLinear()
        let uses = graph.constantUses()
        let weight = try #require(graph.value(named: "fc.weight"))
        let use = try #require(uses[weight])
        #expect(use.role == .weight)
        #expect(graph[use.reader].name == "fc")
        #expect(use.slot == 1)
        #expect(graph.parameters.isEmpty, "integers are not trained")
    }
}

extension Samples {
    /// A linear layer whose int8 weight is dequantized on the way.
    static func quantizedLinear() -> Graph {
        var build = GraphBuilder(name: "quantized")
        let input = build.input("x", .float32, ["N", 4])
        let weight = build.constant("fc.weight", TensorData([3, 4], (0..<12).map { Int8($0) }))
        let scale = build.constant("fc.scale", tensor([3]))
        let zero = build.constant("fc.zero", TensorData([3], [0, 0, 0] as [Int8]))
        let real = build.node(
            "DequantizeLinear", [weight, scale, zero], name: "fc.dequantize", attributes: ["axis": .int(0)])
        build.output(build.node("Gemm", [input, real], name: "fc", attributes: ["transB": .int(1)]), name: "y")
        return build.graph
    }
}
