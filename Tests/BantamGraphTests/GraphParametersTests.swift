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

    @Test(arguments: [
        ["Cast", "Sub", "Div"], ["Cast", "Mul", "Add"], ["Transpose", "Sub", "Mul"], ["Slice", "Add"],
    ])
    func `What normalizes an input is not learned, and what follows a layer is`(operators: [String]) throws {
        var build = GraphBuilder(name: "normalized")
        func affine(_ value: ValueID, _ name: String, _ operators: [String]) -> ValueID {
            operators.reduce(value) { value, kind in
                switch kind {
                case "Cast": build.node("Cast", [value], attributes: ["to": .int(1)])
                case "Transpose": build.node("Transpose", [value], attributes: ["perm": .ints([0, 1, 2, 3])])
                case "Slice":
                    build.node(
                        "Slice",
                        [value] + [0, 2, 1].map { build.constant("\(name).\($0)", TensorData([1], [Int64($0)])) })
                default:
                    build.node(
                        kind, [value, build.constant("\(name).\(kind)", TensorData([1, 2, 1, 1], [3, 4] as [Float]))])
                }
            }
        }
        let input = build.input("x", .float32, ["N", 2, 4, 4])
        let weight = build.constant("conv.weight", TensorData([2, 2, 1, 1], [1, 2, 3, 4] as [Float]))
        let layer = build.node("Conv", [affine(input, "input", operators), weight])
        build.output(affine(layer, "layer", ["Mul", "Add"]), name: "y")
        let learned = Set(build.graph.parameters.map { build.graph[$0].name })
        #expect(learned == ["conv.weight", "layer.Mul", "layer.Add"])
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
