import BantamGraph

/// Residual networks for ImageNet, in the form "v1.5": a bottleneck's stride is that of its 3x3 convolution.
///
/// Names, initialization and weights are torchvision's. He et al., *Deep Residual Learning for Image Recognition*,
/// CVPR 2016.
enum ResNet: Architecture {
    static var variants: [ArchitectureVariant] {
        networks.map { network in
            ArchitectureVariant(
                name: network.name, summary: network.summary, classCount: 1000, inputShape: [3, 224, 224],
                publishedParameters: network.parameters, smallestInputShape: [3, 32, 32], inputConvention: .imageNet(),
                layers: { layers(&$0, input: $1, settings: $2, network: network) })
        }
    }

    struct Network: Sendable {
        var name: String
        /// Blocks of each of the four stages.
        var repeats: [Int]
        /// Whether a block has a wide 3x3 convolution between two of 1x1, or else two of 3x3.
        var hasBottlenecks: Bool
        var parameters: Int

        var summary: String {
            let layers = repeats.reduce(0, +) * (hasBottlenecks ? 3 : 2) + 2
            return "\(layers) layers of \(hasBottlenecks ? "bottleneck" : "basic") residual blocks, ImageNet"
        }

        /// Output channels over inner ones.
        var expansion: Int { hasBottlenecks ? 4 : 1 }
        var featureCount: Int { 512 * expansion }
    }

    /// One residual block.
    struct Block {
        /// `layer2.0`, say.
        var name: String
        var input: Int
        var inner: Int
        var output: Int
        var stride: Int
        /// How many times smaller than the image what it reads is.
        var reduction: Int
    }

    static let resNet50 = Network(
        name: "resnet50", repeats: [3, 4, 6, 3], hasBottlenecks: true, parameters: 25_557_032)

    private static let networks = [
        Network(name: "resnet18", repeats: [2, 2, 2, 2], hasBottlenecks: false, parameters: 11_689_512),
        Network(name: "resnet34", repeats: [3, 4, 6, 3], hasBottlenecks: false, parameters: 21_797_672),
        resNet50,
        Network(name: "resnet101", repeats: [3, 4, 23, 3], hasBottlenecks: true, parameters: 44_549_160),
    ]

    /// - Parameter input: `[N, 3, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, network: Network
    ) -> ValueID {
        var x = features(&build, input, of: network)  // [N, 512 or 2048, H / 32, W / 32]
        x = build.pooledFeatures(x)
        build.initialization = .uniformFanIn
        return build.linear(x, "fc", features: (network.featureCount, settings.classCount))
    }

    /// All layers before the mean.
    ///
    /// - Parameters:
    ///   - input: `[N, 3, H, W]`
    ///   - firstConvolution: What the first convolution of a block is called.
    ///   - entrance: Changes what that convolution reads, such as by a shift in time.
    /// - Returns: `[N, features, H / 32, W / 32]`
    static func features(
        _ build: inout LayerBuilder, _ input: ValueID, of network: Network, firstConvolution: String = "conv1",
        entrance: (inout LayerBuilder, ValueID, Block) -> ValueID = { _, input, _ in input }
    ) -> ValueID {
        build.initialization = .normalFanOut
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames("conv1", "bn1"), channels: (3, 64), kernel: [7, 7], stride: [2, 2],
            activation: .relu)
        x = build.maxPool(x, "maxpool", kernel: [3, 3], stride: [2, 2], padding: [1, 1])  // [N, 64, H / 4, W / 4]
        var (channels, reduction) = (64, 4)
        for (stage, repeats) in network.repeats.enumerated() {
            let inner = 64 << stage
            for position in 0..<repeats {
                let block = Block(
                    name: "layer\(stage + 1).\(position)", input: channels, inner: inner,
                    output: inner * network.expansion, stride: stage > 0 && position == 0 ? 2 : 1,
                    reduction: reduction)
                let start = entrance(&build, x, block)
                x = build.scope(block.name) { build in
                    let result = layers(
                        of: block, &build, start, firstConvolution, hasBottleneck: network.hasBottlenecks)
                    let shortcut = shortcut(of: block, &build, x)
                    return build.relu(build.add(result, shortcut), "relu")
                }
                (channels, reduction) = (block.output, reduction * block.stride)
            }
        }
        return x
    }

    private static func layers(
        of block: Block, _ build: inout LayerBuilder, _ input: ValueID, _ firstConvolution: String,
        hasBottleneck: Bool
    ) -> ValueID {
        let stride = [block.stride, block.stride]
        let first = NormalizedLayerNames(firstConvolution, "bn1")
        let second = NormalizedLayerNames("conv2", "bn2")
        guard hasBottleneck else {
            let x = build.normalizedConvolution(
                input, first, channels: (block.input, block.inner), kernel: [3, 3], stride: stride, activation: .relu)
            return build.normalizedConvolution(x, second, channels: (block.inner, block.output), kernel: [3, 3])
        }
        var x = build.normalizedConvolution(
            input, first, channels: (block.input, block.inner), kernel: [1, 1], activation: .relu)
        x = build.normalizedConvolution(
            x, second, channels: (block.inner, block.inner), kernel: [3, 3], stride: stride, activation: .relu)
        return build.normalizedConvolution(
            x, NormalizedLayerNames("conv3", "bn3"), channels: (block.inner, block.output), kernel: [1, 1])
    }

    /// A projection where sizes or channel counts change.
    private static func shortcut(of block: Block, _ build: inout LayerBuilder, _ input: ValueID) -> ValueID {
        guard block.stride > 1 || block.input != block.output else { return input }
        return build.normalizedConvolution(
            input, NormalizedLayerNames(sequence: "downsample"), channels: (block.input, block.output), kernel: [1, 1],
            stride: [block.stride, block.stride])
    }
}
