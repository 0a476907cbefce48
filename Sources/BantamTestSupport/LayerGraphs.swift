public import BantamGraph

/// Models of one layer each: every kind that has a weight, in one to three dimensions.
///
/// Each takes `input` and returns `output`. Weights and biases follow from their names.
public enum LayerGraphs {
    public static var all: [Graph] {
        [
            convolution("conv1d", channels: 6, [12], to: 8, kernel: [5]),
            convolution("conv2d", channels: 16, [6, 5], to: 8, kernel: [3, 3]),
            convolution("conv3d", channels: 4, [4, 5, 5], to: 6, kernel: [3, 3, 3]),
            convolution("strided", channels: 3, [9, 9], to: 4, kernel: [3, 3], strides: [2, 2]),
            convolution("grouped", channels: 8, [5, 5], to: 8, kernel: [3, 3], groups: 2),
            convolution("depthwise2d", channels: 8, [6, 6], to: 8, kernel: [3, 3], groups: 8),
            convolution("depthwise3d", channels: 4, [4, 5, 5], to: 4, kernel: [3, 3, 3], groups: 4),
            convolution("pointwise", channels: 64, [3, 3], to: 6, kernel: [1, 1]),
            transposed(), linear(), tokens(),
        ]
    }

    /// Samples for a model, two of them.
    public static func samples(for graph: Graph) -> TensorData {
        var random = SeededGenerator(seed: 0).stream("\(graph.name).samples")
        let shape = Shape([2] + (graph.inputs.first?.dimensions ?? []).dropFirst().map { $0.fixedSize ?? 2 })
        return TensorData.random(shape, in: -2...2, from: &random)
    }

    private static func convolution(
        _ name: String, channels: Int, _ space: [Int], to outputs: Int, kernel: [Int], strides: [Int]? = nil,
        groups: Int = 1
    ) -> Graph {
        TinyGraphs.model(name) { build in
            let x = build.input("input", .float32, ["N", .fixed(channels)] + space.map { .fixed($0) })
            return build.convolution(
                x, name, from: channels, to: outputs, kernel: kernel, strides: strides, groups: groups)
        }
    }

    private static func transposed() -> Graph {
        TinyGraphs.model("transposed") { build in
            let x = build.image(16, 4, 4)
            let weight = build.weight("transposed.weight", [16, 4, 2, 2])
            let bias = build.weight("transposed.bias", [4])
            return build.node(
                "ConvTranspose", [x, weight, bias], name: "transposed", attributes: ["strides": .ints([2, 2])])
        }
    }

    private static func linear() -> Graph {
        TinyGraphs.model("linear") { build in
            build.linear(build.input("input", .float32, ["N", 64]), "linear", from: 64, to: 10)
        }
    }

    /// A matrix product of tokens `[N, L, D]`, and a bias by itself, as transformers are exported.
    private static func tokens() -> Graph {
        TinyGraphs.model("tokens") { build in
            let x = build.input("input", .float32, ["N", 5, 64])
            let product = build.projection(x, "tokens", from: 64, to: 12)
            return build.node("Add", [product, build.weight("tokens.bias", [12])], name: "add")
        }
    }
}
