import BantamGraph

/// A small network for clips that never looks ahead: what it says of a frame depends on that frame and earlier ones.
///
/// This is the form that can run frame by frame: convolutions over time pad only at the past's end, and squeeze and
/// excite reads the frame's mean beside the mean of all frames so far. A stream would keep the last frames before each
/// convolution over time, and one sum for each mean. Here a clip runs at once, and the scores are those after its
/// last frame.
///
/// Frames lie along the batch's axis, so that nearly everything is a convolution over images; only a layer that looks
/// at time lets the frames stand beside each other. Names and weights are those of the streaming models of
/// <https://github.com/Atze00/MoViNet-pytorch>, converted from the authors'. Kondratyuk et al., *MoViNets: Mobile Video
/// Networks for Efficient Video Recognition*, CVPR 2021.
enum MoViNet: Architecture {
    static var variants: [ArchitectureVariant] {
        [
            ArchitectureVariant(
                name: "movinet_a0", summary: "15 causal blocks on 50x172x172, 3.7 M parameters, Kinetics-600",
                classCount: 600, inputShape: [3, 50, 172, 172], publishedParameters: 3_748_031,
                smallestInputShape: [3, 4, 32, 32],
                inputConvention: InputConvention(
                    resize: .shorterSide(pixels: 192), mean: [0, 0, 0], std: [1, 1, 1], framesPerSecond: 5),
                layers: layers)
        ]
    }

    /// An inverted residual.
    private struct Block {
        var channels: Int
        var expanded: Int
        /// Over time; 1 looks at one frame.
        var temporalKernel: Int
        var kernel: Int
        /// In space.
        var stride: Int

        init(_ channels: Int, _ expanded: Int, _ temporalKernel: Int, _ kernel: Int, stride: Int = 1) {
            self.channels = channels
            self.expanded = expanded
            self.temporalKernel = temporalKernel
            self.kernel = kernel
            self.stride = stride
        }
    }

    private static let stemChannels = 8
    private static let stages: [[Block]] = [
        [Block(8, 24, 1, 5, stride: 2)],
        [Block(32, 80, 3, 3, stride: 2), Block(32, 80, 3, 3), Block(32, 80, 3, 3)],
        [Block(56, 184, 5, 3, stride: 2), Block(56, 112, 3, 3), Block(56, 184, 3, 3)],
        [Block(56, 184, 5, 3), Block(56, 184, 3, 3), Block(56, 184, 3, 3), Block(56, 184, 3, 3)],
        [Block(104, 384, 5, 3, stride: 2), Block(104, 280, 1, 5), Block(104, 280, 1, 5), Block(104, 344, 1, 5)],
    ]
    private static let lastChannels = 480
    private static let featureCount = 2048

    /// - Parameter input: `[N, 3, T, H, W]`
    private static func layers(_ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings) -> ValueID {
        build.batchNormDefaults.epsilon = 1e-3
        let frames = settings.inputShape[1]
        var x = build.framesAsBatch(input, channels: 3, sizes: Array(settings.inputShape.dimensions[2...]), "frames")
        x = build.normalizedConvolution(
            x, names("conv1"), channels: (3, stemChannels), kernel: [3, 3], stride: [2, 2], padding: .same,
            activation: .hardSwish)  // [N * T, 8, H / 2, W / 2]
        var sizes = settings.inputShape.dimensions[2...].map { ($0 + 1) / 2 }
        var channels = stemChannels
        for (stage, blocks) in stages.enumerated() {
            for (position, block) in blocks.enumerated() {
                sizes = sizes.strided(by: block.stride)
                let clip = ClipSizes(frames: frames, space: sizes)
                x = residual(&build, x, "blocks.b\(stage)_l\(position)", block, from: channels, clip)
                channels = block.channels
            }
        }
        x = build.normalizedConvolution(
            x, names("conv7"), channels: (channels, lastChannels), kernel: [1, 1], activation: .hardSwish)
        x = build.globalAveragePool(x, "pool.space")  // [N * T, 480, 1, 1]
        x = build.reshape(x, [-1, frames, lastChannels, 1, 1], "pool.frames")
        x = build.mean(x, axis: 1, "pool.time")  // [N, 480, 1, 1]
        x = convolution(&build, x, "classifier.0", channels: (lastChannels, featureCount))
        x = build.dropout(build.swish(x, "classifier.1"), share: 0.2, "classifier.2")
        x = convolution(&build, x, "classifier.3", channels: (featureCount, settings.classCount))
        return build.flatten(x)
    }

    /// How many frames lie behind each other along the batch's axis, and their size.
    private struct ClipSizes {
        var frames: Int
        var space: [Int]
    }

    private static func names(_ block: String, part: Int = 1) -> NormalizedLayerNames {
        NormalizedLayerNames("\(block).conv_\(part).conv2d", "\(block).conv_\(part).norm")
    }

    private static func convolution(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, channels: (input: Int, output: Int)
    ) -> ValueID {
        build.convolution(input, names(name).convolution, channels: channels, kernel: [1, 1])
    }

    /// `shortcut(x) + alpha * branch(x)`, where `alpha` is learned and starts at zero: Bachlechner et al., *ReZero is
    /// All You Need*, UAI 2021.
    private static func residual(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, _ block: Block, from channels: Int,
        _ clip: ClipSizes
    ) -> ValueID {
        var x = build.normalizedConvolution(
            input, names("\(name).expand"), channels: (channels, block.expanded), kernel: [1, 1],
            activation: .hardSwish)
        x = build.normalizedConvolution(
            x, names("\(name).deep"), channels: (block.expanded, block.expanded),
            kernel: [block.kernel, block.kernel], stride: [block.stride, block.stride], padding: .same,
            groups: block.expanded, activation: .hardSwish)
        if block.temporalKernel > 1 {
            x = temporalConvolution(&build, x, "\(name).deep", block, clip)
        }
        x = squeezeExcite(&build, x, "\(name).se", channels: block.expanded, frames: clip.frames)
        x = build.normalizedConvolution(
            x, names("\(name).project"), channels: (block.expanded, block.channels), kernel: [1, 1])
        x = build.multiply(build.graph.learnedScalar("\(name).alpha", 0), x, "\(name).scale")
        return build.add(shortcut(&build, input, name, block, from: channels), x, "\(name).add")
    }

    /// What is added to the branch: a mean of neighbours where the resolution falls.
    private static func shortcut(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, _ block: Block, from channels: Int
    ) -> ValueID {
        guard block.stride > 1 || channels != block.channels else { return input }
        var x = input
        if block.stride > 1 {
            x = build.averagePool(
                x, "\(name).res.0", kernel: [3, 3], stride: [block.stride, block.stride], padding: .same,
                countingPadding: false)
        }
        return build.normalizedConvolution(
            x, names("\(name).res.\(block.stride > 1 ? 1 : 0)"), channels: (channels, block.channels),
            kernel: [1, 1])
    }

    /// A depthwise convolution over this frame and those before it.
    private static func temporalConvolution(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, _ block: Block, _ clip: ClipSizes
    ) -> ValueID {
        let pixels = clip.space.reduce(1, *)
        var x = build.reshape(input, [-1, clip.frames, block.expanded, pixels], "\(name).frames")
        x = build.transpose(x, [0, 2, 1, 3], "\(name).clip")  // [N, C, T, H * W]
        x = build.normalizedConvolution(
            x, names(name, part: 2), channels: (block.expanded, block.expanded),
            kernel: [block.temporalKernel, 1], padding: .begin([block.temporalKernel - 1, 0], end: [0, 0]),
            groups: block.expanded, activation: .hardSwish)
        x = build.transpose(x, [0, 2, 1, 3], "\(name).unclip")  // [N, T, C, H * W]
        return build.reshape(x, [-1, block.expanded] + clip.space, "\(name).unframe")  // [N * T, C, H, W]
    }

    /// Scales each channel of each frame by a gate that reads the means of this frame, and of all frames so far.
    private static func squeezeExcite(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, channels: Int, frames: Int
    ) -> ValueID {
        let squeezed = makeDivisible(Double(channels / 4 * 2))
        let space = build.globalAveragePool(input, "\(name).space")  // [N * T, C, 1, 1]
        var x = build.reshape(space, [-1, frames, channels], "\(name).frames")
        x = build.transpose(x, [0, 2, 1], "\(name).clip")  // [N, C, T]
        x = build.causalMean(x, count: frames, "\(name).past")
        x = build.transpose(x, [0, 2, 1], "\(name).unclip")  // [N, T, C]
        x = build.reshape(x, [-1, channels, 1, 1], "\(name).unframe")  // [N * T, C, 1, 1]
        x = build.concatenate([x, space], "\(name).concat")  // [N * T, 2 * C, 1, 1]
        x = convolution(&build, x, "\(name).fc1", channels: (2 * channels, squeezed))
        x = build.hardSwish(x, "\(name).activation_1")
        x = convolution(&build, x, "\(name).fc2", channels: (squeezed, channels))
        x = build.hardSigmoid(x, slope: 0.2, "\(name).activation_2")
        return build.multiply(x, input, "\(name).scale")
    }
}
