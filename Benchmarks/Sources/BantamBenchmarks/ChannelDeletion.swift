import BantamGraph
import BantamNetwork
import BantamONNX

/// Finds the groups of a model and deletes every other channel of each, over and over from the whole model.
struct ChannelDeletion {
    private let graph: Graph

    /// - Parameter model: An ONNX file, or `chain:N` for residual blocks of N nodes in all.
    init(model: String) throws {
        if model.hasPrefix("chain:"), let count = Int(model.dropFirst("chain:".count)) {
            graph = Self.chain(nodes: count)
        } else {
            var graph = try ONNXFile.read(model).graph
            try Passes.training.run(on: &graph)
            self.graph = graph
        }
    }

    func milliseconds(perRunOf count: Int) throws -> Double {
        let duration = try ContinuousClock().measure {
            for _ in 0..<count {
                let groups = try ChannelGroups(of: graph).prunable.filter { $0.channelCount > 1 }
                let removals = groups.map { ChannelRemoval($0, channels: stride(from: 0, to: $0.channelCount, by: 2)) }
                let smaller = try graph.removingChannels(removals)
                guard smaller.constants.count == graph.constants.count else {
                    throw BenchmarkError("weights are missing")
                }
            }
        }
        return duration.seconds * 1000 / Double(count)
    }

    /// Blocks of convolution, ReLU, convolution and sum on eight channels.
    private static func chain(nodes: Int) -> Graph {
        var build = LayerBuilder(name: "chain", weights: .zeros)
        var x = build.graph.input("input", .float32, ["N", 3, 8, 8])
        x = build.convolution(x, "stem", channels: (3, 8), kernel: [3, 3], padding: [1, 1])
        for block in 0..<nodes / 4 {
            let y = build.relu(
                build.convolution(x, "block\(block).conv1", channels: (8, 8), kernel: [3, 3], padding: [1, 1]),
                "block\(block).relu")
            let z = build.convolution(y, "block\(block).conv2", channels: (8, 8), kernel: [3, 3], padding: [1, 1])
            x = build.graph.node("Add", [x, z], name: "block\(block).sum")
        }
        x = build.graph.node("GlobalAveragePool", [x], name: "pool")  // [N, 8, 1, 1]
        x = build.linear(build.flatten(x), "fc", features: (8, 10))
        build.graph.output(x, name: "logits")
        return build.graph.graph
    }
}
