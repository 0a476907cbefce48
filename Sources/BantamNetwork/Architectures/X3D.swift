import BantamGraph

/// Small networks for clips, found by growing an image network along one axis at a time: frames, rate, resolution,
/// width, depth.
///
/// The four members have the same stages; the larger ones see more frames or pixels, and `x3d_l` is deeper. Names,
/// initialization and weights are PyTorchVideo's, whose stem calls its spatial convolution `conv_t` and its temporal
/// one `conv_xy`. The scores are logits, where PyTorchVideo's are probabilities. Feichtenhofer, *X3D: Expanding
/// Architectures for Efficient Video Recognition*, CVPR 2020.
enum X3D: Architecture {
    struct Configuration {
        var name: String
        var publishedParameters: Int
        var frames: Int
        /// Of the square that is cropped, as in training.
        var pixels: Int
        /// Before the crop.
        var shorterSide: Int
        var framesPerSecond: Double
        /// Blocks in each of the four stages.
        var depths: [Int]
    }

    static let configurations = [
        Configuration(
            name: "x3d_xs", publishedParameters: 3_794_274, frames: 4, pixels: 160, shorterSide: 182,
            framesPerSecond: 2.5, depths: [3, 5, 11, 7]),
        Configuration(
            name: "x3d_s", publishedParameters: 3_794_274, frames: 13, pixels: 160, shorterSide: 182,
            framesPerSecond: 5, depths: [3, 5, 11, 7]),
        Configuration(
            name: "x3d_m", publishedParameters: 3_794_274, frames: 16, pixels: 224, shorterSide: 256,
            framesPerSecond: 6, depths: [3, 5, 11, 7]),
        Configuration(
            name: "x3d_l", publishedParameters: 6_153_384, frames: 16, pixels: 312, shorterSide: 356,
            framesPerSecond: 6, depths: [5, 10, 25, 15]),
    ]

    static var variants: [ArchitectureVariant] {
        configurations.map { configuration in
            let (frames, pixels) = (configuration.frames, configuration.pixels)
            let depth = configuration.depths.reduce(0, +)
            return ArchitectureVariant(
                name: configuration.name,
                summary: "\(depth) depthwise blocks on \(frames)x\(pixels)x\(pixels), Kinetics-400",
                classCount: 400, inputShape: [3, frames, pixels, pixels],
                publishedParameters: configuration.publishedParameters, smallestInputShape: [3, 4, 32, 32],
                inputConvention: .pyTorchVideo(
                    shorterSide: configuration.shorterSide, framesPerSecond: configuration.framesPerSecond)
            ) { layers(&$0, input: $1, settings: $2, depths: configuration.depths) }
        }
    }

    private static let widths = [24, 48, 96, 192]
    private static let featureCount = 2048

    /// Of the depthwise convolution inside a block.
    private static func innerChannels(_ width: Int) -> Int { width * 9 / 4 }

    /// - Parameter input: `[N, 3, T, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, depths: [Int]
    ) -> ValueID {
        build.initialization = .normalFanOut
        var channels = widths[0]
        var x = stem(&build, input, channels: channels)  // [N, 24, T, H / 2, W / 2]
        for (index, (width, depth)) in zip(widths, depths).enumerated() {
            for position in 0..<depth {
                x = block(
                    &build, x, "blocks.\(index + 1).res_blocks.\(position)", channels: (channels, width),
                    stride: position == 0 ? 2 : 1, isSqueezing: position.isMultiple(of: 2))
                channels = width
            }
        }  // [N, 192, T, H / 32, W / 32]
        let inner = innerChannels(channels)
        x = build.normalizedConvolution(
            x, NormalizedLayerNames("blocks.5.pool.pre_conv", "blocks.5.pool.pre_norm"), channels: (channels, inner),
            kernel: [1, 1, 1], activation: .relu)
        x = build.globalAveragePool(x, "blocks.5.pool.pool")  // [N, 432, 1, 1, 1]
        x = build.convolution(
            x, "blocks.5.pool.post_conv", channels: (inner, featureCount), kernel: [1, 1, 1], bias: false)
        x = build.flatten(build.relu(x, "blocks.5.pool.post_act"), "blocks.5.flatten")  // [N, 2048]
        x = build.dropout(x, share: 0.5, "blocks.5.dropout")
        build.initialization = .normal(standardDeviation: 0.01)
        return build.linear(x, "blocks.5.proj", features: (featureCount, settings.classCount))
    }

    private static func stem(_ build: inout LayerBuilder, _ input: ValueID, channels: Int) -> ValueID {
        let x = build.convolution(
            input, "blocks.0.conv.conv_t", channels: (3, channels), kernel: [1, 3, 3], stride: [1, 2, 2],
            padding: [0, 1, 1], bias: false)
        return build.normalizedConvolution(
            x, NormalizedLayerNames("blocks.0.conv.conv_xy", "blocks.0.norm"), channels: (channels, channels),
            kernel: [5, 1, 1], groups: channels, activation: .relu)
    }

    /// An inverted bottleneck and the connection around it.
    private static func block(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, channels: (input: Int, output: Int),
        stride: Int, isSqueezing: Bool
    ) -> ValueID {
        let inner = innerChannels(channels.output)
        let branch = "\(name).branch2"
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames("\(branch).conv_a", "\(branch).norm_a"), channels: (channels.input, inner),
            kernel: [1, 1, 1], activation: .relu)
        x = build.normalizedConvolution(
            x, NormalizedLayerNames("\(branch).conv_b", "\(branch).norm_b.0"), channels: (inner, inner),
            kernel: [3, 3, 3], stride: [1, stride, stride], groups: inner)
        if isSqueezing {
            x = build.squeezeExcite(
                x, ("\(branch).norm_b.1.block.0", "\(branch).norm_b.1.block.2"), channels: inner,
                squeezed: makeDivisible(Double(inner) / 16), axes: 3)
        }
        x = build.swish(x, "\(branch).act_b")
        x = build.closingConvolution(
            x, NormalizedLayerNames("\(branch).conv_c", "\(branch).norm_c"), channels: (inner, channels.output))
        let shortcut = shortcut(&build, input, name, channels: channels, stride: stride)
        return build.relu(build.add(shortcut, x, "\(name).add"), "\(name).relu")
    }

    /// What is added to the bottleneck. Where only the resolution changes, there is no BatchNorm.
    private static func shortcut(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, channels: (input: Int, output: Int), stride: Int
    ) -> ValueID {
        guard stride > 1 || channels.input != channels.output else { return input }
        let x = build.convolution(
            input, "\(name).branch1_conv", channels: channels, kernel: [1, 1, 1], stride: [1, stride, stride],
            bias: false)
        guard channels.input != channels.output else { return x }
        return build.batchNorm(x, "\(name).branch1_norm", channels: channels.output)
    }
}
