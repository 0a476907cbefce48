import BantamGraph

/// SlowFast with a MobileNetV3 in each pathway: for phones.
///
/// Both pathways are the large MobileNetV3 with its depthwise convolutions extended over time; the fast one has a
/// quarter of the channels and reads four times as many frames. Before each change of resolution the fast pathway's
/// channels, doubled by a convolution over time, join the slow one's. In the slow pathway only the later stages look at
/// other frames, as in SlowFast. The slow pathway's layers have torchvision's names behind `slow`, so that a
/// MobileNetV3 trained on images can lend its weights.
///
/// Feichtenhofer et al., *SlowFast Networks for Video Recognition*, and Howard et al., *Searching for MobileNetV3*, both
/// ICCV 2019.
enum SlowFastMobileNetV3: Architecture {
    static var variants: [ArchitectureVariant] {
        [
            ArchitectureVariant(
                name: "slowfast_mobilenet_v3", summary: "MobileNetV3 on 8 and 32 frames, 5.5 M parameters",
                classCount: 400, inputShape: [3, 32, 224, 224], smallestInputShape: [3, 8, 32, 32],
                inputConvention: .pyTorchVideo(shorterSide: 256, framesPerSecond: 15), layers: layers)
        ]
    }

    /// How many frames of the fast pathway there are to one of the slow.
    private static let frameRatio = 4
    /// Channels that a connection makes of each of the fast pathway's.
    private static let fusionRatio = 2
    private static let fusionKernel = 5

    private struct Pathway {
        var name: String
        /// Of channel counts.
        var width: Double
        /// The first block that looks at the frames before and after.
        var firstTemporalBlock: Int

        static let slow = Pathway(name: "slow", width: 1, firstTemporalBlock: 7)
        static let fast = Pathway(name: "fast", width: 0.25, firstTemporalBlock: 1)

        func channels(_ count: Int) -> Int { makeDivisible(Double(count) * width) }

        var stemChannels: Int { channels(network.stemChannels) }
        var featureCount: Int { 6 * channels(network.blocks[network.blocks.count - 1].output) }

        func block(_ block: MobileNetV3.Block) -> MobileNetV3.Block {
            var block = block
            (block.input, block.output) = (channels(block.input), channels(block.output))
            block.hidden = channels(block.hidden)
            return block
        }
    }

    private static let network = MobileNetV3.large

    /// - Parameter input: `[N, 3, T, H, W]`
    private static func layers(_ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings) -> ValueID {
        build.initialization = .normalFanOut
        build.batchNormDefaults = MobileNetV3.batchNorm
        var slow = build.frames(
            of: input, SlowFast.slowFrames(of: settings.inputShape[1], ratio: frameRatio), "pack")
        slow = stem(&build, slow, .slow, temporalKernel: 1)  // [N, 16, T / 4, H / 2, W / 2]
        var fast = stem(&build, input, .fast, temporalKernel: fusionKernel)  // [N, 8, T, H / 2, W / 2]
        var fusions = 0
        for (index, block) in network.blocks.enumerated() {
            let fastBlock = Pathway.fast.block(block)
            var slowBlock = Pathway.slow.block(block)
            if block.stride > 1 {
                let channels = (fastBlock.input, fusionRatio * fastBlock.input)
                slow = fuse(&build, slow, fast, "fusion.\(fusions)", channels: channels)
                slowBlock.input += channels.1
                fusions += 1
            }
            slow = residual(&build, slow, slowBlock, .slow, index + 1)
            fast = residual(&build, fast, fastBlock, .fast, index + 1)
        }
        let pooled = [(slow, Pathway.slow), (fast, .fast)].map { value, pathway in
            let last = lastConvolution(&build, value, pathway)
            return build.globalAveragePool(last, "\(pathway.name).avgpool")
        }
        var x = build.flatten(build.concatenate(pooled))  // [N, 960 + 240]
        build.initialization = .normal(standardDeviation: 0.01)
        let features = Pathway.slow.featureCount + Pathway.fast.featureCount
        x = build.linear(x, "classifier.0", features: (features, network.hiddenFeatures))
        x = build.hardSwish(x, "classifier.1")
        x = build.dropout(x, share: 0.2, "classifier.2")
        return build.linear(x, "classifier.3", features: (network.hiddenFeatures, settings.classCount))
    }

    private static func stem(
        _ build: inout LayerBuilder, _ input: ValueID, _ pathway: Pathway, temporalKernel: Int
    ) -> ValueID {
        build.normalizedConvolution(
            input, NormalizedLayerNames(sequence: "\(pathway.name).features.0"), channels: (3, pathway.stemChannels),
            kernel: [temporalKernel, 3, 3], stride: [1, 2, 2], activation: .hardSwish)
    }

    private static func lastConvolution(
        _ build: inout LayerBuilder, _ input: ValueID, _ pathway: Pathway
    ) -> ValueID {
        let index = network.blocks.count + 1
        return build.normalizedConvolution(
            input, NormalizedLayerNames(sequence: "\(pathway.name).features.\(index)"),
            channels: (pathway.featureCount / 6, pathway.featureCount), kernel: [1, 1, 1], activation: .hardSwish)
    }

    private static func residual(
        _ build: inout LayerBuilder, _ input: ValueID, _ block: MobileNetV3.Block, _ pathway: Pathway, _ index: Int
    ) -> ValueID {
        let name = "\(pathway.name).features.\(index)"
        let x = MobileNetV3.layers(
            of: block, &build, input, "\(name).block",
            temporalKernel: index >= pathway.firstTemporalBlock ? 3 : 1)
        return block.isResidual ? build.add(x, input, "\(name).add") : x
    }

    /// The slow pathway's channels, and behind them what a convolution over time makes of the fast pathway's.
    private static func fuse(
        _ build: inout LayerBuilder, _ slow: ValueID, _ fast: ValueID, _ name: String,
        channels: (input: Int, output: Int)
    ) -> ValueID {
        let lateral = build.normalizedConvolution(
            fast, NormalizedLayerNames(sequence: name), channels: channels, kernel: [fusionKernel, 1, 1],
            stride: [frameRatio, 1, 1], activation: .hardSwish)
        return build.concatenate([slow, lateral], "\(name).concat")
    }
}
