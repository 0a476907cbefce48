import BantamGraph

/// Two pathways over one clip: a slow one that sees what there is, and a fast, thin one that sees how it moves and
/// tells the slow one of it after each stage.
///
/// The network takes one clip at the fast pathway's rate and picks the slow pathway's frames from it. Names,
/// initialization and weights are PyTorchVideo's. Feichtenhofer et al., *SlowFast Networks for Video Recognition*,
/// ICCV 2019.
enum SlowFast: Architecture {
    struct Configuration {
        var name: String
        var summary: String
        var publishedParameters: Int
        /// Blocks in each of the four stages.
        var depths: [Int]
        /// Of the clip.
        var frames: Int
        /// How many frames of the fast pathway there are to one of the slow.
        var frameRatio: Int
        /// Over time, in the connections from the fast to the slow pathway.
        var fusionKernel: Int
    }

    static let configurations = [
        Configuration(
            name: "slowfast_r50_4x16", summary: "ResNet-50 on 4 and 32 frames, 34.5 M parameters, Kinetics-400",
            publishedParameters: 34_480_216, depths: [3, 4, 6, 3], frames: 32, frameRatio: 8, fusionKernel: 5),
        Configuration(
            name: "slowfast_r50_8x8", summary: "ResNet-50 on 8 and 32 frames, 34.6 M parameters, Kinetics-400",
            publishedParameters: 34_566_488, depths: [3, 4, 6, 3], frames: 32, frameRatio: 4, fusionKernel: 7),
        Configuration(
            name: "slowfast_r101_16x8", summary: "ResNet-101 on 16 and 64 frames, 53.8 M parameters, Kinetics-400",
            publishedParameters: 53_774_808, depths: [3, 4, 23, 3], frames: 64, frameRatio: 4, fusionKernel: 5),
    ]

    static var variants: [ArchitectureVariant] {
        configurations.map { configuration in
            ArchitectureVariant(
                name: configuration.name, summary: configuration.summary, classCount: 400,
                inputShape: [3, configuration.frames, 256, 256],
                publishedParameters: configuration.publishedParameters, smallestInputShape: [3, 8, 32, 32],
                inputConvention: .pyTorchVideo(shorterSide: 256, framesPerSecond: 15)
            ) { layers(&$0, input: $1, settings: $2, configuration) }
        }
    }

    /// What tells the pathways apart.
    private struct Pathway {
        var index: Int
        /// Over time, in the stem.
        var stemKernel: Int
        /// How many times thinner than the slow pathway.
        var reduction: Int
        /// In each stage, the number of first blocks that look at the frames before and after.
        var temporalBlocks: [Int]

        static let slow = Pathway(index: 0, stemKernel: 1, reduction: 1, temporalBlocks: [0, 0, 6, 3])
        static let fast = Pathway(index: 1, stemKernel: 5, reduction: 8, temporalBlocks: [3, 4, 6, 3])

        func name(in block: Int) -> String { "blocks.\(block).multipathway_blocks.\(index)" }
    }

    /// Of the slow pathway.
    private static let stemChannels = 64
    private static let stageChannels = [256, 512, 1024, 2048]
    /// Channels that a connection makes of each of the fast pathway's.
    private static let fusionRatio = 2
    private static let bottleneckRatio = 4

    /// - Parameter input: `[N, 3, T, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, _ configuration: Configuration
    ) -> ValueID {
        build.initialization = .normalFanOut
        var slow = build.frames(
            of: input, slowFrames(of: settings.inputShape[1], ratio: configuration.frameRatio), "blocks.pack")
        slow = stem(&build, slow, .slow)  // [N, 64, T / ratio, H / 4, W / 4]
        var fast = stem(&build, input, .fast)  // [N, 8, T, H / 4, W / 4]
        var channels = stemChannels
        for (index, (width, depth)) in zip(stageChannels, configuration.depths).enumerated() {
            let lateral = channels / Pathway.fast.reduction
            slow = fuse(&build, slow, fast, "blocks.\(index).multipathway_fusion", lateral, configuration)
            slow = stage(&build, slow, .slow, index, from: channels + fusionRatio * lateral, to: width, depth)
            fast = stage(&build, fast, .fast, index, from: lateral, to: width / Pathway.fast.reduction, depth)
            channels = width
        }
        let pooled = [(slow, Pathway.slow), (fast, .fast)].map { value, pathway in
            build.globalAveragePool(value, "blocks.5.pool.\(pathway.index)")
        }
        var x = build.flatten(build.concatenate(pooled, "blocks.5.concat"), "blocks.5.flatten")  // [N, 2304]
        x = build.dropout(x, share: 0.5, "blocks.6.dropout")
        build.initialization = .normal(standardDeviation: 0.01)
        let features = channels + channels / Pathway.fast.reduction
        return build.linear(x, "blocks.6.proj", features: (features, settings.classCount))
    }

    /// The frames of the slow pathway: as even as whole numbers allow, with the first and the last.
    static func slowFrames(of frames: Int, ratio: Int) -> [Int] {
        let count = (frames + ratio - 1) / ratio
        return (0..<count).map { $0 * (frames - 1) / max(count - 1, 1) }
    }

    private static func stem(_ build: inout LayerBuilder, _ input: ValueID, _ pathway: Pathway) -> ValueID {
        let name = pathway.name(in: 0)
        let x = build.normalizedConvolution(
            input, NormalizedLayerNames("\(name).conv", "\(name).norm"),
            channels: (3, stemChannels / pathway.reduction), kernel: [pathway.stemKernel, 7, 7], stride: [1, 2, 2],
            activation: .relu)
        return build.maxPool(x, "\(name).pool", kernel: [1, 3, 3], stride: [1, 2, 2], padding: [0, 1, 1])
    }

    /// The slow pathway's channels, and behind them what a convolution over time makes of the fast pathway's.
    private static func fuse(
        _ build: inout LayerBuilder, _ slow: ValueID, _ fast: ValueID, _ name: String, _ channels: Int,
        _ configuration: Configuration
    ) -> ValueID {
        let lateral = build.normalizedConvolution(
            fast, NormalizedLayerNames("\(name).conv_fast_to_slow", "\(name).norm"),
            channels: (channels, fusionRatio * channels), kernel: [configuration.fusionKernel, 1, 1],
            stride: [configuration.frameRatio, 1, 1], activation: .relu)
        return build.concatenate([slow, lateral], "\(name).concat")
    }

    private static func stage(
        _ build: inout LayerBuilder, _ input: ValueID, _ pathway: Pathway, _ index: Int, from inputChannels: Int,
        to channels: Int, _ depth: Int
    ) -> ValueID {
        var x = input
        for position in 0..<depth {
            let isFirst = position == 0
            x = block(
                &build, x, "\(pathway.name(in: index + 1)).res_blocks.\(position)",
                channels: (isFirst ? inputChannels : channels, channels),
                temporalKernel: position < pathway.temporalBlocks[index] ? 3 : 1,
                stride: isFirst && index > 0 ? 2 : 1)
        }
        return x
    }

    /// A bottleneck and the connection around it.
    private static func block(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, channels: (input: Int, output: Int),
        temporalKernel: Int, stride: Int
    ) -> ValueID {
        let inner = channels.output / bottleneckRatio
        let names = ["a", "b", "c"].map {
            NormalizedLayerNames("\(name).branch2.conv_\($0)", "\(name).branch2.norm_\($0)")
        }
        var x = build.normalizedConvolution(
            input, names[0], channels: (channels.input, inner), kernel: [temporalKernel, 1, 1], activation: .relu)
        x = build.normalizedConvolution(
            x, names[1], channels: (inner, inner), kernel: [1, 3, 3], stride: [1, stride, stride], activation: .relu)
        x = build.closingConvolution(x, names[2], channels: (inner, channels.output))
        var shortcut = input
        if stride > 1 || channels.input != channels.output {
            shortcut = build.normalizedConvolution(
                input, NormalizedLayerNames("\(name).branch1_conv", "\(name).branch1_norm"), channels: channels,
                kernel: [1, 1, 1], stride: [1, stride, stride])
        }
        return build.relu(build.add(shortcut, x, "\(name).add"), "\(name).relu")
    }
}
