import BantamGraph

/// Inverted residuals found by search, with squeeze-and-excite and hard swish.
///
/// Names, initialization and weights are torchvision's. Howard et al., *Searching for MobileNetV3*, ICCV 2019.
enum MobileNetV3: Architecture {
    static var variants: [ArchitectureVariant] {
        [small, large].map { network in
            ArchitectureVariant(
                name: network.name, summary: network.summary, classCount: 1000, inputShape: [3, 224, 224],
                publishedParameters: network.parameters, smallestInputShape: [3, 32, 32], inputConvention: .imageNet(),
                layers: { layers(&$0, input: $1, settings: $2, network: network) })
        }
    }

    struct Network: Sendable {
        var name: String
        var summary: String
        var parameters: Int
        var blocks: [Block]
        /// Of the layer between the features and the scores.
        var hiddenFeatures: Int

        /// What the last convolution makes.
        var featureCount: Int { 6 * blocks[blocks.count - 1].output }
        var stemChannels: Int { blocks[0].input }
    }

    /// One inverted residual.
    struct Block: Sendable {
        var input: Int
        var kernel: Int
        var hidden: Int
        var output: Int
        var isSqueezing: Bool
        var activation: Activation
        var stride: Int

        init(_ input: Int, _ kernel: Int, _ hidden: Int, _ output: Int, _ se: Bool, _ act: Activation, _ stride: Int) {
            self.input = input
            self.kernel = kernel
            self.hidden = hidden
            self.output = output
            self.isSqueezing = se
            self.activation = act
            self.stride = stride
        }

        var isExpanding: Bool { hidden != input }
        var isResidual: Bool { stride == 1 && input == output }
    }

    // Channels in, kernel, channels within, channels out, squeeze-and-excite, activation, stride.

    static let large = Network(
        name: "mobilenet_v3_large", summary: "15 searched inverted residuals, 5.5 M parameters, ImageNet",
        parameters: 5_483_032,
        blocks: [
            Block(16, 3, 16, 16, false, .relu, 1),
            Block(16, 3, 64, 24, false, .relu, 2),
            Block(24, 3, 72, 24, false, .relu, 1),
            Block(24, 5, 72, 40, true, .relu, 2),
            Block(40, 5, 120, 40, true, .relu, 1),
            Block(40, 5, 120, 40, true, .relu, 1),
            Block(40, 3, 240, 80, false, .hardSwish, 2),
            Block(80, 3, 200, 80, false, .hardSwish, 1),
            Block(80, 3, 184, 80, false, .hardSwish, 1),
            Block(80, 3, 184, 80, false, .hardSwish, 1),
            Block(80, 3, 480, 112, true, .hardSwish, 1),
            Block(112, 3, 672, 112, true, .hardSwish, 1),
            Block(112, 5, 672, 160, true, .hardSwish, 2),
            Block(160, 5, 960, 160, true, .hardSwish, 1),
            Block(160, 5, 960, 160, true, .hardSwish, 1),
        ], hiddenFeatures: 1280)

    static let small = Network(
        name: "mobilenet_v3_small", summary: "11 searched inverted residuals, 2.5 M parameters, ImageNet",
        parameters: 2_542_856,
        blocks: [
            Block(16, 3, 16, 16, true, .relu, 2),
            Block(16, 3, 72, 24, false, .relu, 2),
            Block(24, 3, 88, 24, false, .relu, 1),
            Block(24, 5, 96, 40, true, .hardSwish, 2),
            Block(40, 5, 240, 40, true, .hardSwish, 1),
            Block(40, 5, 240, 40, true, .hardSwish, 1),
            Block(40, 5, 120, 48, true, .hardSwish, 1),
            Block(48, 5, 144, 48, true, .hardSwish, 1),
            Block(48, 5, 288, 96, true, .hardSwish, 2),
            Block(96, 5, 576, 96, true, .hardSwish, 1),
            Block(96, 5, 576, 96, true, .hardSwish, 1),
        ], hiddenFeatures: 1024)

    static let batchNorm = BatchNormSettings(epsilon: 1e-3, momentum: 0.01)

    /// - Parameter input: `[N, 3, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, network: Network
    ) -> ValueID {
        var x = features(&build, input, of: network)  // [N, 960 or 576, H / 32, W / 32]
        x = build.pooledFeatures(x)
        x = hiddenLayer(&build, x, of: network)  // [N, 1280 or 1024]
        x = build.dropout(x, share: 0.2, "classifier.2")
        return build.linear(x, "classifier.3", features: (network.hiddenFeatures, settings.classCount))
    }

    /// The linear layer before the scores. `[N, features]` to `[N, hidden features]`.
    static func hiddenLayer(_ build: inout LayerBuilder, _ input: ValueID, of network: Network) -> ValueID {
        build.initialization = .normal(standardDeviation: 0.01)
        let x = build.linear(input, "classifier.0", features: (network.featureCount, network.hiddenFeatures))
        return build.hardSwish(x, "classifier.1")
    }

    /// All layers before the mean.
    ///
    /// - Parameters:
    ///   - input: `[N, 3, H, W]`
    ///   - entrance: Changes what the first layer of a residual block reads, such as by a shift in time. It is told
    ///     the block's name, and how many times smaller than the image that is.
    /// - Returns: `[N, features, H / 32, W / 32]`
    static func features(
        _ build: inout LayerBuilder, _ input: ValueID, of network: Network,
        entrance: (inout LayerBuilder, ValueID, Block, _ name: String, _ reduction: Int) -> ValueID = {
            _, input, _, _, _ in input
        }
    ) -> ValueID {
        build.initialization = .normalFanOut
        build.batchNormDefaults = batchNorm
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames(sequence: "features.0"), channels: (3, network.stemChannels), kernel: [3, 3],
            stride: [2, 2], activation: .hardSwish)
        var reduction = 2
        for (index, block) in network.blocks.enumerated() {
            let name = "features.\(index + 1)"
            let start = block.isResidual ? entrance(&build, x, block, name, reduction) : x
            let result = layers(of: block, &build, start, "\(name).block")
            x = block.isResidual ? build.add(result, x, "\(name).add") : result
            reduction *= block.stride
        }
        let last = network.blocks.count + 1
        return build.normalizedConvolution(
            x, NormalizedLayerNames(sequence: "features.\(last)"),
            channels: (network.blocks[last - 2].output, network.featureCount), kernel: [1, 1], activation: .hardSwish)
    }

    /// The layers of a block, without the connection around them.
    ///
    /// - Parameters:
    ///   - input: `[N, in, H, W]`, or `[N, in, T, H, W]` with a temporal kernel.
    ///   - temporalKernel: How many frames the depthwise convolution reads.
    static func layers(
        of block: Block, _ build: inout LayerBuilder, _ input: ValueID, _ name: String, temporalKernel: Int? = nil
    ) -> ValueID {
        let point = (temporalKernel == nil ? [] : [1]) + [1, 1]
        let time = temporalKernel.map { [$0] } ?? []
        let stride = time.map { _ in 1 } + [block.stride, block.stride]
        var (x, layer) = (input, 0)
        if block.isExpanding {
            x = build.normalizedConvolution(
                x, NormalizedLayerNames(sequence: "\(name).\(layer)"), channels: (block.input, block.hidden),
                kernel: point, activation: block.activation)
            layer += 1
        }
        x = build.normalizedConvolution(
            x, NormalizedLayerNames(sequence: "\(name).\(layer)"), channels: (block.hidden, block.hidden),
            kernel: time + [block.kernel, block.kernel], stride: stride, groups: block.hidden,
            activation: block.activation)
        layer += 1
        if block.isSqueezing {
            x = build.squeezeExcite(
                x, ("\(name).\(layer).fc1", "\(name).\(layer).fc2"), channels: block.hidden,
                squeezed: makeDivisible(Double(block.hidden / 4)), axes: point.count,
                gate: { $0.hardSigmoid($1, $2) })
            layer += 1
        }
        return build.normalizedConvolution(
            x, NormalizedLayerNames(sequence: "\(name).\(layer)"), channels: (block.hidden, block.output), kernel: point
        )
    }
}
