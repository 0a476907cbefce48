import BantamGraph
import BantamNetwork
import BantamTestSupport
import OrderedCollections
import Testing

/// Passes leave what a model computes unchanged; a new pass or pattern is tested by being listed.
@Suite struct PassEquivalenceTests {
    /// A pass or a pipeline, on one model.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var pipeline: PassPipeline
        var graph: Graph

        var testDescription: String { "\(name) on \(graph.name)" }
    }

    static let pipelines =
        Passes.all.map { (type(of: $0).name, PassPipeline([$0])) }
        + [("the pipeline for inference", Passes.inference), ("the pipeline for training", Passes.training)]

    static let models: [Graph] =
        TinyGraphs.all + [exported()] + quickArchitectures
        + TrainingGolden.all.map { $0.graph().withLivelyBatchNorms() }

    static let quickArchitectures = ArchitectureTests.quickNames.compactMap { ArchitectureVariant.quickModels[$0] }

    static let cases = pipelines.flatMap { pipeline in
        models.map { Case(name: pipeline.0, pipeline: pipeline.1, graph: $0) }
    }

    @Test(arguments: cases) func `Outputs are unchanged`(_ sample: Case) throws {
        var rewritten = sample.graph
        try sample.pipeline.run(on: &rewritten)
        rewritten.checkInvariants()
        let inputs = sample.graph.sampleInputs()
        let (before, after) = (try sample.graph.run(inputs), try rewritten.run(inputs))
        #expect(before.count == after.count)
        for (before, after) in zip(before, after) { #expect(after.difference(from: before) == nil) }
        #expect(rewritten.outputs.map { rewritten[$0].name } == sample.graph.outputs.map { sample.graph[$0].name })
    }

    /// What exporters write around a linear layer: sizes computed from shapes, a transposed weight, nodes that do
    /// nothing in inference.
    private static func exported() -> Graph {
        var build = LayerBuilder(name: "exported", weights: .random(seed: 3))
        let input = build.graph.input("input", .float32, ["N", 3, 4, 4])
        var x = build.graph.node("Identity", [input], name: "identity")
        x = build.batchNorm(build.convolution(x, "conv", channels: (3, 4), kernel: [3, 3]), "bn", channels: 4)
        let shape = build.graph.node("Shape", [x], name: "shape")
        let zero = build.graph.constant("zero", TensorData([1], [Int64(0)]))
        let batch = build.graph.node("Gather", [shape, zero], name: "batch", attributes: ["axis": .int(0)])
        let rest = build.graph.constant("rest", TensorData([1], [Int64(-1)]))
        let target = build.graph.node("Concat", [batch, rest], name: "target", attributes: ["axis": .int(0)])
        x = build.graph.node("Reshape", [x, target], name: "reshape")  // [N, 16]
        x = build.graph.node("Dropout", [x], name: "dropout")
        var random = SeededGenerator(seed: 4)
        let weight = build.graph.constant("weight", TensorData.random([5, 16], from: &random))
        let turned = build.graph.node("Transpose", [weight], name: "turn", attributes: ["perm": .ints([1, 0])])
        build.graph.output(build.graph.node("MatMul", [x, turned], name: "matmul"), name: "output")
        return build.graph.graph.withLivelyBatchNorms()
    }

    @Test func `The pipeline for inference leaves only layers of an exported model`() throws {
        var graph = Self.exported()
        try Passes.inference.run(on: &graph)
        let left = Set(graph.nodes.values.map(\.operatorName))
        #expect(left.isDisjoint(with: ["Identity", "Dropout", "BatchNormalization", "Shape", "Gather", "Concat"]))
        #expect(left.isDisjoint(with: ["Transpose"]))
        #expect(left.isSuperset(of: ["Conv", "MatMul"]))
    }
}

@Suite struct FoldBatchNormExecutionTests {
    /// A layer before a BatchNorm.
    struct Layer: Sendable, CustomTestStringConvertible {
        var operatorName = "Conv"
        var space: [Int]
        var groups = 1
        var bias = true

        var testDescription: String {
            "\(operatorName) over \(space.count) axes, \(groups) groups, \(bias ? "with" : "without") bias"
        }

        /// Four channels in, eight out, kernels of 3.
        func graph() -> Graph {
            var build = GraphBuilder(name: "layer")
            var random = SeededGenerator(seed: 5)
            let input = build.input("input", .float32, ["N", 4] + space.map { .fixed($0) })
            let kernel = space.map { _ in 3 }
            let channels = operatorName == "Conv" ? [8, 4 / groups] : [4, 8 / groups]
            let weightShape = operatorName == "Gemm" ? Shape([8, 4]) : Shape(channels + kernel)
            var inputs = [input, build.constant("weight", TensorData.random(weightShape, from: &random))]
            if bias { inputs.append(build.constant("bias", TensorData.random([8], from: &random))) }
            let attributes: OrderedDictionary<String, Attribute> =
                operatorName == "Gemm" ? ["transB": .int(1)] : ["group": .int(groups)]
            let layer = build.node(operatorName, inputs, name: "layer", attributes: attributes)
            let parameters = ["weight", "bias", "running_mean", "running_var"].map {
                build.constant("bn.\($0)", TensorData.random([8], in: 0.5...1.5, from: &random))
            }
            let norm = build.node(
                "BatchNormalization", [layer] + parameters, name: "bn", attributes: ["epsilon": .float(1e-3)])
            build.output(build.node("Relu", [norm], name: "relu"), name: "output")
            return build.graph
        }
    }

    static let layers: [Layer] = [
        Layer(space: [9]), Layer(space: [7, 8]), Layer(space: [4, 5, 6]), Layer(space: [7, 8], bias: false),
        Layer(space: [7, 8], groups: 2), Layer(space: [4, 5, 6], groups: 2, bias: false),
        Layer(space: [9], groups: 4), Layer(space: [7, 8], groups: 4),
        Layer(operatorName: "ConvTranspose", space: [5, 6]),
        Layer(operatorName: "ConvTranspose", space: [3, 4, 5], groups: 2, bias: false),
        Layer(operatorName: "Gemm", space: []), Layer(operatorName: "Gemm", space: [], bias: false),
    ]

    @Test(arguments: layers) func `The BatchNorm is gone and the output is the same`(_ layer: Layer) throws {
        let graph = layer.graph()
        var folded = graph
        let result = try FoldBatchNorm().run(on: &folded)
        #expect(result == PassResult(changes: 1))
        folded.checkInvariants()
        #expect(folded.nodes.values.map(\.operatorName) == [layer.operatorName, "Relu"])
        #expect(folded.constants.count == 2)
        let inputs = graph.sampleInputs()
        #expect(try folded.run(inputs)[0].difference(from: try graph.run(inputs)[0]) == nil)
    }
}
