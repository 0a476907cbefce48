import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

/// A tiny network and what PyTorch made of one training step of it: see `Scripts/golden/gradients.py`.
struct TrainingGolden: Sendable, CustomTestStringConvertible {
    var name: String
    /// Space without channels: `[H, W]` or `[T, H, W]`.
    var space: [Int]
    private var build: @Sendable (inout LayerBuilder, ValueID) -> ValueID

    var testDescription: String { name }

    static let image = TrainingGolden(name: "image", space: [8, 8]) { build, input in
        var x = build.convolution(input, "conv1", channels: (2, 4), kernel: [3, 3], padding: [1, 1])
        x = build.relu(build.batchNorm(x, "bn1", channels: 4), "relu1")
        x = build.maxPool(x, "pool", kernel: [2, 2])  // [N, 4, 4, 4]
        x = build.relu(build.convolution(x, "conv2", channels: (4, 6), kernel: [3, 3], groups: 2), "relu2")
        return build.linear(build.flatten(x), "fc", features: (24, 3))
    }

    static let clip = TrainingGolden(name: "clip", space: [4, 8, 8]) { build, input in
        var x = build.convolution(input, "conv1", channels: (2, 4), kernel: [3, 3, 3], padding: [1, 1, 1])
        x = build.relu(build.batchNorm(x, "bn1", channels: 4), "relu1")
        x = build.maxPool(x, "pool", kernel: [2, 2, 2])  // [N, 4, 2, 4, 4]
        x = build.convolution(x, "conv2", channels: (4, 3), kernel: [1, 3, 3], stride: [1, 2, 2])
        return build.linear(build.flatten(build.relu(x, "relu2")), "fc", features: (6, 3))
    }

    static let all = [image, clip]

    init(name: String, space: [Int], _ build: @escaping @Sendable (inout LayerBuilder, ValueID) -> ValueID) {
        self.name = name
        self.space = space
        self.build = build
    }

    /// The network with weights of its own.
    func graph(seed: UInt64 = 0) -> Graph {
        var builder = LayerBuilder(name: name, weights: .random(seed: seed))
        let input = builder.graph.input("input", .float32, ["N", 2] + space.map { .fixed($0) })
        let logits = build(&builder, input)
        builder.graph.output(logits, name: "logits")
        return builder.graph.graph
    }

    func values() throws -> SafeTensors { try SafeTensors.read(fixture("goldens/\(name)_training.safetensors")) }

    /// The network with PyTorch's weights.
    func graph(with values: SafeTensors) throws -> Graph {
        var graph = graph()
        for value in graph.parameters + graph.statistics {
            let name = graph[value].name
            graph.setConstant(value, to: try #require(values.tensors["model/\(name)"], "\(name)"))
        }
        return graph
    }
}
