import BantamGraph

/// ResNet-18 for clips, with one of three kinds of convolution.
///
/// Names, initialization and weights are torchvision's. Tran et al., *A Closer Look at Spatiotemporal Convolutions for
/// Action Recognition*, CVPR 2018.
enum VideoResNet: Architecture {
    /// How a layer looks at time.
    enum Kernel {
        /// `3x3x3`.
        case full
        /// `1x3x3`: each frame by itself.
        case spatial
        /// `1x3x3`, BatchNorm, ReLU, then `3x1x1`.
        case factorized
    }

    struct Configuration {
        var name: String
        var summary: String
        var publishedParameters: Int
        /// Of `layer1` to `layer4`; the stem is factorized where `layer1` is.
        var kernels: [Kernel]
    }

    static let configurations = [
        Configuration(
            name: "r3d_18", summary: "ResNet-18 of 3x3x3 convolutions, 33.4 M parameters, Kinetics-400",
            publishedParameters: 33_371_472, kernels: [.full, .full, .full, .full]),
        Configuration(
            name: "mc3_18", summary: "r3d_18 that sees time in its first layers only, 11.7 M parameters, Kinetics-400",
            publishedParameters: 11_695_440, kernels: [.full, .spatial, .spatial, .spatial]),
        Configuration(
            name: "r2plus1d_18", summary: "r3d_18 with space and time apart, 31.5 M parameters, Kinetics-400",
            publishedParameters: 31_505_325, kernels: [.factorized, .factorized, .factorized, .factorized]),
    ]

    static var variants: [ArchitectureVariant] {
        configurations.map { configuration in
            ArchitectureVariant(
                name: configuration.name, summary: configuration.summary, classCount: 400,
                inputShape: [3, 16, 112, 112], publishedParameters: configuration.publishedParameters,
                smallestInputShape: [3, 8, 16, 16], inputConvention: .kinetics
            ) { layers(&$0, input: $1, settings: $2, kernels: configuration.kernels) }
        }
    }

    private static let stemChannels = 64
    private static let widths = [64, 128, 256, 512]
    private static let blocksPerLayer = 2

    /// - Parameter input: `[N, 3, T, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, kernels: [Kernel]
    ) -> ValueID {
        build.initialization = .normalFanOut
        var x = stem(&build, input, isFactorized: kernels[0] == .factorized)  // [N, 64, T, H / 2, W / 2]
        var channels = stemChannels
        for (index, (width, kernel)) in zip(widths, kernels).enumerated() {
            for position in 0..<blocksPerLayer {
                x = block(
                    &build, x, "layer\(index + 1).\(position)", channels: (channels, width),
                    stride: index > 0 && position == 0 ? 2 : 1, kernel: kernel)
                channels = width
            }
        }
        x = build.pooledFeatures(x)  // [N, 512]
        build.initialization = .normal(standardDeviation: 0.01)
        return build.linear(x, "fc", features: (channels, settings.classCount))
    }

    private static func stem(_ build: inout LayerBuilder, _ input: ValueID, isFactorized: Bool) -> ValueID {
        guard isFactorized else {
            return build.normalizedConvolution(
                input, NormalizedLayerNames(sequence: "stem"), channels: (3, stemChannels), kernel: [3, 7, 7],
                stride: [1, 2, 2], activation: .relu)
        }
        let x = build.normalizedConvolution(
            input, NormalizedLayerNames(sequence: "stem"), channels: (3, 45), kernel: [1, 7, 7], stride: [1, 2, 2],
            activation: .relu)
        return build.normalizedConvolution(
            x, NormalizedLayerNames(sequence: "stem", from: 3), channels: (45, stemChannels), kernel: [3, 1, 1],
            activation: .relu)
    }

    /// Two convolutions and the connection around them.
    private static func block(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, channels: (input: Int, output: Int),
        stride: Int, kernel: Kernel
    ) -> ValueID {
        // Of both convolutions, though only the first has this many inputs.
        let middle = middleChannels(channels)
        var x = convolution(&build, input, "\(name).conv1", channels, middle, stride: stride, kernel)
        x = build.relu(x, "\(name).conv1.2")
        x = convolution(&build, x, "\(name).conv2", (channels.output, channels.output), middle, stride: 1, kernel)
        var shortcut = input
        if stride > 1 || channels.input != channels.output {
            shortcut = build.normalizedConvolution(
                input, NormalizedLayerNames(sequence: "\(name).downsample"), channels: channels, kernel: [1, 1, 1],
                stride: [kernel == .spatial ? 1 : stride, stride, stride])
        }
        return build.relu(build.add(x, shortcut, "\(name).add"), "\(name).relu")
    }

    /// A convolution of the given kind, and BatchNorm.
    private static func convolution(
        _ build: inout LayerBuilder, _ input: ValueID, _ name: String, _ channels: (input: Int, output: Int),
        _ middle: Int, stride: Int, _ kernel: Kernel
    ) -> ValueID {
        let names = NormalizedLayerNames(sequence: name)
        switch kernel {
        case .full:
            return build.normalizedConvolution(
                input, names, channels: channels, kernel: [3, 3, 3], stride: [stride, stride, stride])
        case .spatial:
            return build.normalizedConvolution(
                input, names, channels: channels, kernel: [1, 3, 3], stride: [1, stride, stride])
        case .factorized:
            let x = build.normalizedConvolution(
                input, NormalizedLayerNames(sequence: "\(name).0"), channels: (channels.input, middle),
                kernel: [1, 3, 3], stride: [1, stride, stride], activation: .relu)
            return build.normalizedConvolution(
                x, NormalizedLayerNames("\(name).0.3", names.norm), channels: (middle, channels.output),
                kernel: [3, 1, 1], stride: [stride, 1, 1])
        }
    }

    /// As many as give a factorized convolution the weights of a full one.
    private static func middleChannels(_ channels: (input: Int, output: Int)) -> Int {
        channels.input * channels.output * 27 / (channels.input * 9 + channels.output * 3)
    }
}
