import BantamGraph

/// EfficientNets for phones: without squeeze-and-excite, with ReLU6, and with a stem and head of fixed width.
///
/// Names are those of the published PyTorch weights, which descend from lukemelas/EfficientNet-PyTorch
/// (`_blocks.1._expand_conv.weight`); timm calls the same layers `blocks.1.0.conv_pw.weight`. As in TensorFlow, where
/// the weights come from, a convolution of stride 2 pads an even size at the end only. The residual blocks that
/// training leaves out at random there ("drop connect") are always kept here.
///
/// Tan and Le, *EfficientNet*, ICML 2019; tensorflow/tpu, `models/official/efficientnet/lite`.
enum EfficientNetLite: Architecture {
    static var variants: [ArchitectureVariant] {
        networks.map { network in
            ArchitectureVariant(
                name: network.name, summary: "EfficientNet for phones, \(network.pixels) pixels, ImageNet",
                classCount: 1000, inputShape: [3, network.pixels, network.pixels],
                publishedParameters: network.parameters, smallestInputShape: [3, 32, 32],
                inputConvention: inputConvention(pixels: network.pixels),
                layers: { layers(&$0, input: $1, settings: $2, network: network) })
        }
    }

    private struct Network {
        var name: String
        /// Multiplies channel counts.
        var width: Double
        /// Multiplies numbers of blocks.
        var depth: Double
        var pixels: Int
        var dropout: Float
        var parameters: Int
    }

    private static let networks = [
        Network(
            name: "efficientnet_lite0", width: 1.0, depth: 1.0, pixels: 224, dropout: 0.2, parameters: 4_652_008),
        Network(
            name: "efficientnet_lite1", width: 1.0, depth: 1.1, pixels: 240, dropout: 0.2, parameters: 5_416_680),
        Network(
            name: "efficientnet_lite2", width: 1.1, depth: 1.2, pixels: 260, dropout: 0.3, parameters: 6_092_072),
        Network(
            name: "efficientnet_lite3", width: 1.2, depth: 1.4, pixels: 300, dropout: 0.3, parameters: 8_197_096),
        Network(
            name: "efficientnet_lite4", width: 1.4, depth: 1.8, pixels: 380, dropout: 0.3, parameters: 13_006_568),
    ]

    private struct Stage {
        var repeats: Int
        var kernel: Int
        var stride: Int
        var expansion: Int
        var channels: Int
    }

    private static let stages = [
        Stage(repeats: 1, kernel: 3, stride: 1, expansion: 1, channels: 16),
        Stage(repeats: 2, kernel: 3, stride: 2, expansion: 6, channels: 24),
        Stage(repeats: 2, kernel: 5, stride: 2, expansion: 6, channels: 40),
        Stage(repeats: 3, kernel: 3, stride: 2, expansion: 6, channels: 80),
        Stage(repeats: 3, kernel: 5, stride: 1, expansion: 6, channels: 112),
        Stage(repeats: 4, kernel: 5, stride: 2, expansion: 6, channels: 192),
        Stage(repeats: 1, kernel: 3, stride: 1, expansion: 6, channels: 320),
    ]

    /// `(x - 127) / 128` of pixels in 0...255, cropped from an image with a margin of 16 pixels on each side.
    private static func inputConvention(pixels: Int) -> InputConvention {
        InputConvention(
            resize: .shorterSide(pixels: pixels + 32), mean: Array(repeating: 127 / 255, count: 3),
            std: Array(repeating: 128 / 255, count: 3))
    }

    /// - Parameter input: `[N, 3, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, network: Network
    ) -> ValueID {
        build.initialization = .normalFanOutOfGroup
        build.batchNormDefaults = BatchNormSettings(epsilon: 1e-3, momentum: 0.01)
        var (channels, index) = (32, 0)
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames("_conv_stem", "_bn0"), channels: (3, channels), kernel: [3, 3], stride: [2, 2],
            padding: .same, activation: .relu6)
        for (position, stage) in stages.enumerated() {
            let width = makeDivisible(Double(stage.channels) * network.width)
            let isFixed = position == 0 || position == stages.count - 1
            let repeats = isFixed ? stage.repeats : Int((Double(stage.repeats) * network.depth).rounded(.up))
            for repetition in 0..<repeats {
                var stage = stage
                if repetition > 0 { stage.stride = 1 }
                x = build.scope("_blocks.\(index)") { block(&$0, x, channels: (channels, width), stage: stage) }
                (channels, index) = (width, index + 1)
            }
        }
        x = build.normalizedConvolution(
            x, NormalizedLayerNames("_conv_head", "_bn1"), channels: (channels, 1280), kernel: [1, 1],
            activation: .relu6)
        x = build.pooledFeatures(x)
        x = build.dropout(x, share: network.dropout)
        build.initialization = .uniformFanIn
        return build.linear(x, "_fc", features: (1280, settings.classCount))
    }

    /// An inverted residual.
    private static func block(
        _ build: inout LayerBuilder, _ input: ValueID, channels: (input: Int, output: Int), stage: Stage
    ) -> ValueID {
        let hidden = channels.input * stage.expansion
        var x = input
        if stage.expansion > 1 {
            x = build.normalizedConvolution(
                x, NormalizedLayerNames("_expand_conv", "_bn0"), channels: (channels.input, hidden), kernel: [1, 1],
                activation: .relu6)
        }
        x = build.normalizedConvolution(
            x, NormalizedLayerNames("_depthwise_conv", "_bn1"), channels: (hidden, hidden),
            kernel: [stage.kernel, stage.kernel], stride: [stage.stride, stage.stride], padding: .same, groups: hidden,
            activation: .relu6)
        x = build.normalizedConvolution(
            x, NormalizedLayerNames("_project_conv", "_bn2"), channels: (hidden, channels.output), kernel: [1, 1])
        return stage.stride == 1 && channels.input == channels.output ? build.add(x, input) : x
    }
}
