import BantamGraph

/// Residual networks for 32x32 images, with shortcuts that have no weights.
///
/// Names and weights are those of akamaster/pytorch_resnet_cifar10 ("option A"): where sizes halve and channels
/// double, a shortcut takes every other pixel and adds channels of zeros on both sides. He et al., *Deep Residual
/// Learning for Image Recognition*, CVPR 2016, section 4.2.
enum CIFARResNet: Architecture {
    static var variants: [ArchitectureVariant] {
        // The weights' tensors add up to the counts of 20 and 56 layers; the others are published as 0.46, 0.66 and
        // 1.7 million.
        [(20, 269_722), (32, 464_154), (44, 658_586), (56, 853_018), (110, 1_727_962)].map { depth, parameters in
            ArchitectureVariant(
                name: "cifar_resnet\(depth)", summary: "\(depth) layers of residual blocks on 3x32x32, CIFAR-10",
                classCount: 10, inputShape: [3, 32, 32], publishedParameters: parameters,
                smallestInputShape: [3, 12, 12], inputConvention: .cifar,
                layers: { layers(&$0, input: $1, settings: $2, repeats: (depth - 2) / 6) })
        }
    }

    /// - Parameter input: `[N, 3, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, repeats: Int
    ) -> ValueID {
        build.initialization = .normalFanIn
        var channels = 16
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames("conv1", "bn1"), channels: (3, channels), kernel: [3, 3], activation: .relu)
        for (stage, width) in [16, 32, 64].enumerated() {
            for position in 0..<repeats {
                x = build.scope("layer\(stage + 1).\(position)") { block(&$0, x, channels: (channels, width)) }
                channels = width
            }
        }
        x = build.pooledFeatures(x)  // [N, 64]
        return build.linear(x, "linear", features: (channels, settings.classCount))
    }

    private static func block(
        _ build: inout LayerBuilder, _ input: ValueID, channels: (input: Int, output: Int)
    ) -> ValueID {
        let isReducing = channels.input != channels.output
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames("conv1", "bn1"), channels: channels, kernel: [3, 3],
            stride: isReducing ? [2, 2] : [1, 1], activation: .relu)
        x = build.normalizedConvolution(
            x, NormalizedLayerNames("conv2", "bn2"), channels: (channels.output, channels.output), kernel: [3, 3])
        var shortcut = input
        if isReducing {
            let added = (channels.output - channels.input) / 2
            shortcut = build.subsampled(shortcut, axes: [2, 3], step: 2, "shortcut.subsample")
            shortcut = build.padded(shortcut, axis: 1, before: added, after: added, rank: 4, "shortcut.pad")
        }
        return build.relu(build.add(x, shortcut), "relu")
    }
}
