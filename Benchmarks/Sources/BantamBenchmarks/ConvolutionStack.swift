import BantamGraph
import BantamNetwork

/// Nine 3x3 convolutions of 32 channels on 112x112, whose activations are far larger than any cache.
enum ConvolutionStack {
    /// - Returns: A graph from `[N, 3, 112, 112]` to `[N, 10]`.
    static func graph() -> Graph {
        var build = LayerBuilder(name: "conv_stack", weights: .random(seed: 0))
        var x = build.graph.input("input", .float32, ["N", 3, 112, 112])
        for layer in 1...9 {
            x = build.convolution(
                x, "conv\(layer)", channels: (layer == 1 ? 3 : 32, 32), kernel: [3, 3], padding: [1, 1])
            x = build.relu(x, "relu\(layer)")
        }
        x = build.graph.node("GlobalAveragePool", [x], name: "pool")  // [N, 32, 1, 1]
        x = build.linear(build.flatten(x), "fc", features: (32, 10))
        build.graph.output(x, name: "logits")
        return build.graph.graph
    }
}
