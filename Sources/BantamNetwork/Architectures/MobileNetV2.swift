import BantamGraph

/// Inverted residuals: narrow layers are connected, wide depthwise ones lie between them.
///
/// Names, initialization and weights are torchvision's. Sandler et al., *MobileNetV2: Inverted Residuals and Linear
/// Bottlenecks*, CVPR 2018.
enum MobileNetV2: Architecture {
    static var variants: [ArchitectureVariant] {
        [
            ArchitectureVariant(
                name: "mobilenet_v2", summary: "17 inverted residuals, 3.5 M parameters, ImageNet", classCount: 1000,
                inputShape: [3, 224, 224], publishedParameters: 3_504_872, smallestInputShape: [3, 32, 32],
                inputConvention: .imageNet(), layers: layers)
        ]
    }

    struct Stage {
        var expansion: Int
        var channels: Int
        var repeats: Int
        var stride: Int
    }

    static let stages = [
        Stage(expansion: 1, channels: 16, repeats: 1, stride: 1),
        Stage(expansion: 6, channels: 24, repeats: 2, stride: 2),
        Stage(expansion: 6, channels: 32, repeats: 3, stride: 2),
        Stage(expansion: 6, channels: 64, repeats: 4, stride: 2),
        Stage(expansion: 6, channels: 96, repeats: 3, stride: 1),
        Stage(expansion: 6, channels: 160, repeats: 3, stride: 2),
        Stage(expansion: 6, channels: 320, repeats: 1, stride: 1),
    ]
    static let stemChannels = 32
    static let featureCount = 1280

    /// One inverted residual.
    struct Block {
        /// Its place in `features`.
        var index: Int
        var input: Int
        var hidden: Int
        var output: Int
        var stride: Int
        /// How many times smaller than the image what it reads is.
        var reduction: Int

        var isExpanding: Bool { hidden != input }
        var isResidual: Bool { stride == 1 && input == output }

        /// The expanding (if any), the depthwise and the projecting convolution.
        var names: [NormalizedLayerNames] {
            let layers = isExpanding ? 2 : 1
            return (0..<layers).map { NormalizedLayerNames(sequence: "features.\(index).conv.\($0)") }
                + [NormalizedLayerNames(sequence: "features.\(index).conv", from: layers)]
        }
    }

    static var blocks: [Block] {
        var blocks: [Block] = []
        var (channels, reduction) = (stemChannels, 2)
        for stage in stages {
            for position in 0..<stage.repeats {
                let block = Block(
                    index: blocks.count + 1, input: channels, hidden: channels * stage.expansion,
                    output: stage.channels, stride: position == 0 ? stage.stride : 1, reduction: reduction)
                blocks.append(block)
                (channels, reduction) = (block.output, reduction * block.stride)
            }
        }
        return blocks
    }

    /// - Parameter input: `[N, 3, H, W]`
    private static func layers(_ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings) -> ValueID {
        build.initialization = .normalFanOut
        var x = features(&build, input)  // [N, 1280, H / 32, W / 32]
        x = build.pooledFeatures(x)  // [N, 1280]
        x = build.dropout(x, share: 0.2, "classifier.0")
        build.initialization = .normal(standardDeviation: 0.01)
        return build.linear(x, "classifier.1", features: (featureCount, settings.classCount))
    }

    /// All layers before the mean.
    ///
    /// - Parameters:
    ///   - input: `[N, 3, H, W]`
    ///   - names: What the layers of a block are called.
    ///   - entrance: Changes what the first layer of a residual block reads, such as by a shift in time.
    /// - Returns: `[N, 1280, H / 32, W / 32]`
    static func features(
        _ build: inout LayerBuilder, _ input: ValueID, names: (Block) -> [NormalizedLayerNames] = \.names,
        entrance: (inout LayerBuilder, ValueID, Block) -> ValueID = { _, input, _ in input }
    ) -> ValueID {
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames(sequence: "features.0"), channels: (3, stemChannels), kernel: [3, 3],
            stride: [2, 2], activation: .relu6)
        for block in blocks {
            let start = block.isResidual ? entrance(&build, x, block) : x
            let result = layers(of: block, &build, start, names(block))
            x = block.isResidual ? build.add(x, result, "features.\(block.index).add") : result
        }
        return build.normalizedConvolution(
            x, NormalizedLayerNames(sequence: "features.\(blocks.count + 1)"),
            channels: (stages[stages.count - 1].channels, featureCount), kernel: [1, 1], activation: .relu6)
    }

    private static func layers(
        of block: Block, _ build: inout LayerBuilder, _ input: ValueID, _ names: [NormalizedLayerNames]
    ) -> ValueID {
        var names = names[...]
        var x = input
        if block.isExpanding {
            x = build.normalizedConvolution(
                x, names.removeFirst(), channels: (block.input, block.hidden), kernel: [1, 1], activation: .relu6)
        }
        x = build.normalizedConvolution(
            x, names.removeFirst(), channels: (block.hidden, block.hidden), kernel: [3, 3],
            stride: [block.stride, block.stride], groups: block.hidden, activation: .relu6)
        return build.normalizedConvolution(
            x, names.removeFirst(), channels: (block.hidden, block.output), kernel: [1, 1])
    }
}
