import BantamEdge
import BantamGraph
import BantamNetwork
import BantamONNX
import BantamQuantization
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

/// What runs in integers, pattern by pattern, and that the device computes what the executor does.
@Suite struct IntegerCoverageTests {
    /// A small model, and where its nodes are to compute.
    struct Pattern: Sendable, CustomTestStringConvertible {
        var name: String
        var placements: [NodePlacement.Placement]
        var build: @Sendable (inout GraphBuilder) -> ValueID

        init(
            _ name: String, _ placements: [NodePlacement.Placement],
            _ build: @escaping @Sendable (inout GraphBuilder) -> ValueID
        ) {
            (self.name, self.placements, self.build) = (name, placements, build)
        }

        var testDescription: String { name }

        var graph: Graph {
            var builder = GraphBuilder(name: name)
            let output = build(&builder)
            builder.output(output, name: "output")
            return builder.graph
        }
    }

    private static let convolutions = [1, 2, 3].map { rank in
        Pattern("conv\(rank)d", [.integer, .fused, .integer]) { build in
            let x = build.input("input", .float32, ["N", 3] + Array(repeating: 6, count: rank))
            let kernel = Array(repeating: 3, count: rank)
            let first = build.relu(build.convolution(x, "first", from: 3, to: 8, kernel: kernel), "relu")
            return build.convolution(first, "second", from: 8, to: 4, kernel: kernel)
        }
    }

    private static let groups = [2, 8].map { groups in
        Pattern("groups of \(groups)", [.integer, .fused, .integer, .integer]) { build in
            let x = build.image(3, 6, 6)
            let first = build.relu(build.convolution(x, "first", from: 3, to: 8), "relu")
            let second = build.convolution(first, "grouped", from: 8, to: 8, groups: groups)
            return build.convolution(second, "third", from: 8, to: 4, kernel: [1, 1])
        }
    }

    private static let activations = [
        "Relu", "Clip", "LeakyRelu", "Elu", "HardSwish", "Sigmoid", "Tanh",
    ].map { name in
        Pattern("fused \(name)", [.integer, .fused, .integer]) { build in
            let x = build.image(3, 6, 6)
            let first = build.convolution(x, "first", from: 3, to: 8)
            let bounds: [Float] = name == "Clip" ? [0, 6] : []
            let constants = bounds.enumerated().map { build.constant("bound\($0)", TensorData(scalar: $1)) }
            let active = build.node(name, [first] + constants.map { .some($0) }, name: "active")
            return build.convolution(active, "second", from: 8, to: 4)
        }
    }

    private static let poolings = ["MaxPool", "AveragePool", "GlobalAveragePool"].map { name in
        Pattern(name, [.integer, .fused, name == "MaxPool" ? .transparent : .integer, .integer]) { build in
            let x = build.image(3, 6, 6)
            let first = build.relu(build.convolution(x, "first", from: 3, to: 8), "relu")
            let pooled = build.node(
                name, [first], name: "pool",
                attributes: name.hasPrefix("Global")
                    ? [:] : ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
            return build.convolution(pooled, "second", from: 8, to: 4, kernel: [1, 1])
        }
    }

    private static let others = [
        Pattern("transposed", [.integer, .fused, .integer]) { build in
            let x = build.image(3, 6, 6)
            let first = build.relu(build.convolution(x, "first", from: 3, to: 8), "relu")
            let weight = build.weight("up.weight", [8, 4, 2, 2])
            let bias = build.weight("up.bias", [4])
            return build.node(
                "ConvTranspose", [first, weight, bias], name: "up",
                attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
        },
        Pattern("linear", [.integer, .fused, .integer]) { build in
            let x = build.input("input", .float32, ["N", 16])
            return build.linear(build.relu(build.linear(x, "first", from: 16, to: 8), "relu"), "second", from: 8, to: 4)
        },
        Pattern("tokens", [.integer, .fused, .fused, .integer]) { build in
            let x = build.input("input", .float32, ["N", 5, 16])
            let first = build.projection(x, "first", from: 16, to: 8)
            let sum = build.node("Add", [first, build.weight("shift", [8])], name: "add")
            return build.projection(build.relu(sum, "relu"), "second", from: 8, to: 4)
        },
        Pattern("sum", [.integer, .fused, .integer, .integer, .fused, .integer]) { build in
            let x = build.image(3, 6, 6)
            let first = build.relu(build.convolution(x, "first", from: 3, to: 8), "relu")
            let second = build.convolution(first, "second", from: 8, to: 8)
            let sum = build.relu(build.node("Add", [first, second], name: "add"), "relu2")
            return build.convolution(sum, "third", from: 8, to: 4)
        },
        Pattern("product", [.integer, .integer, .fused, .integer, .integer]) { build in
            let x = build.image(3, 6, 6)
            let first = build.convolution(x, "first", from: 3, to: 8)
            let gate = build.node("Sigmoid", [build.convolution(x, "second", from: 3, to: 8)], name: "gate")
            return build.convolution(build.node("Mul", [first, gate], name: "mul"), "third", from: 8, to: 4)
        },
        Pattern("joined", [.integer, .fused, .integer, .transparent, .integer]) { build in
            let x = build.image(3, 6, 6)
            let left = build.relu(build.convolution(x, "left", from: 3, to: 4), "relu")
            let right = build.convolution(x, "right", from: 3, to: 4, kernel: [1, 1])
            return build.convolution(build.concat([left, right], "concat"), "last", from: 8, to: 4)
        },
        Pattern("joined behind a pooling", [.integer, .transparent, .integer, .transparent, .integer]) { build in
            let x = build.image(3, 6, 6)
            let left = build.node(
                "MaxPool", [build.convolution(x, "left", from: 3, to: 4)], name: "pool",
                attributes: ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])])
            let right = build.convolution(x, "right", from: 3, to: 4, kernel: [1, 1])
            return build.convolution(build.concat([left, right], "concat"), "last", from: 8, to: 4)
        },
        Pattern("scaled by constants", [.integer, .fused, .fused, .fused, .fused, .integer]) { build in
            // A HardSwish as older exporters write it, less the gate.
            let x = build.image(3, 6, 6)
            let first = build.convolution(x, "first", from: 3, to: 8)
            let three = build.constant("three", TensorData(scalar: Float(3)))
            let shifted = build.node("Sub", [first, three], name: "sub")
            let bounds = [0, 6].map { (bound: Int) in
                build.constant("bound\(bound)", TensorData(scalar: Float(bound)))
            }
            let clipped = build.node("Clip", [shifted, bounds[0], bounds[1]], name: "clip")
            let six = build.constant("six", TensorData(scalar: Float(6)))
            let divided = build.node("Div", [clipped, six], name: "div")
            let half = build.constant("half", TensorData(scalar: Float(0.5)))
            return build.convolution(build.node("Mul", [divided, half], name: "mul"), "second", from: 8, to: 4)
        },
        // Padded along the second axis, OpenVINO computes something else.
        Pattern(
            "shift in time",
            [.transparent, .integer, .transparent, .transparent, .transparent, .transparent, .integer]
        ) { build in
            func numbers(_ name: String, _ values: [Int64]) -> ValueID {
                build.constant(name, TensorData([values.count], values))
            }
            let clip = build.input("input", .float32, ["N", 4, 3, 6, 6])
            let frames = build.node("Reshape", [clip, numbers("frames", [-1, 3, 6, 6])], name: "reshape1")
            let first = build.convolution(frames, "first", from: 3, to: 8)
            let apart = build.node("Reshape", [first, numbers("clips", [-1, 4, 8, 6, 6])], name: "reshape2")
            let ends = [("starts", 1), ("ends", 4), ("axes", 1)].map { numbers($0, [Int64($1)]) }
            let later = build.node("Slice", [apart] + ends.map { .some($0) }, name: "slice")
            let pads = numbers("pads", [0, 0, 0, 0, 0, 0, 1, 0, 0, 0])
            let padded = build.node("Pad", [later, pads], name: "pad")
            let joined = build.node("Reshape", [padded, numbers("joined", [-1, 8, 6, 6])], name: "reshape3")
            return build.convolution(joined, "second", from: 8, to: 4)
        },
    ]

    static let patterns = convolutions + groups + activations + poolings + others

    /// Quantizes with the ranges of random inputs.
    private func quantized(
        _ original: Graph, profile: TargetProfile = .x86VNNI
    ) throws -> (graph: Graph, plan: StaticQuantizationPlan) {
        let quantization = StaticQuantization(profile: profile)
        var graph = original
        try quantization.prepare(&graph)
        let values = try quantization.statistics(for: graph)
        var calibration = Calibration(of: values.map { graph[$0].name })
        let network = try Network(graph)
        let inputs = try graph.sampleInputs().map { try Tensor($0) }
        let taps = try withoutGradients { try network.forward(inputs, taps: values).taps }
        for value in values {
            if let tensor = taps[value] { try calibration.observe(try tensor.data(), of: graph[value].name) }
        }
        let plan = try quantization.plan(for: graph, ranges: calibration.ranges())
        try StaticQuantization.apply(plan, to: &graph)
        return (graph, plan)
    }

    /// The root of the mean square of what two results differ in, as a share of the first's.
    private func difference(_ left: TensorData, _ right: TensorData) -> Double {
        let (left, right) = (left.elements(of: Float.self), right.elements(of: Float.self))
        let error = zip(left, right).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        return (error / max(left.reduce(0.0) { $0 + Double($1 * $1) }, 1e-30)).squareRoot()
    }

    @Test(arguments: patterns) func `A pattern computes in integers where it should`(pattern: Pattern) throws {
        let (graph, plan) = try quantized(pattern.graph)
        #expect(plan.nodes.map(\.placement) == pattern.placements, "\(plan.nodes.compactMap(\.explanation))")
        for weight in plan.weights { #expect(graph.constant(named: weight.value)?.dtype == .int8) }
        for bias in plan.biases { #expect(graph.constant(named: bias.value)?.dtype == .int32) }
        // No weight is left in float32, but the operands of fused sums and products.
        let matrices = graph.constants.values.filter { $0.dtype == .float32 && $0.shape.rank > 1 }
        #expect(matrices.isEmpty)
    }

    @Test(arguments: patterns) func `The device computes what the executor does`(pattern: Pattern) throws {
        let original = pattern.graph
        let (graph, _) = try quantized(original)
        let inputs = original.sampleInputs()
        let folder = try TemporaryFolder()
        try ONNXFile.write(graph, to: folder.file("model.onnx"))
        let session = try InferenceSession(
            contentsOf: folder.file("model.onnx"), options: SessionOptions(threads: 1))
        let device = try session.run(inputs)[0]
        let executor = try graph.run(inputs)[0]
        let float = try original.run(inputs)[0]
        #expect(difference(float, executor) < 0.05)
        // A tie that is rounded the other way moves an activation by a step.
        #expect(difference(executor, device) < 0.01)
    }

    @Test(arguments: TinyGraphs.names) func `The device computes each tiny graph as the executor does`(
        name: String
    ) throws {
        let original = try #require(TinyGraphs.named(name))
        let (graph, _) = try quantized(original)
        let folder = try TemporaryFolder()
        try ONNXFile.write(graph, to: folder.file("model.onnx"))
        let session = try InferenceSession(
            contentsOf: folder.file("model.onnx"), options: SessionOptions(threads: 1))
        let inputs = original.sampleInputs()
        #expect(try difference(graph.run(inputs)[0], session.run(inputs)[0]) < 0.02)
    }

    @Test func `A model of usual size takes a quarter of the bytes`() throws {
        let variant = try Architectures.variant(named: "cifar_resnet20")
        let original = variant.graph(classCount: 10, weights: .random(seed: 1))
        let folder = try TemporaryFolder()
        let before = try ONNXFile.write(original, to: folder.file("float.onnx")).fileBytes.bytes
        let after = try ONNXFile.write(quantized(original).graph, to: folder.file("int8.onnx")).fileBytes.bytes
        #expect(Double(after) < 0.3 * Double(before), "\(before) -> \(after)")
    }
}
