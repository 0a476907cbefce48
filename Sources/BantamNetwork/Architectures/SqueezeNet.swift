import BantamGraph

/// Fire modules: a narrow 1x1 convolution, then 1x1 and 3x3 convolutions side by side.
///
/// Version 1.1, with names, initialization and weights of torchvision. Iandola et al., *SqueezeNet: AlexNet-level
/// accuracy with 50x fewer parameters*, 2016.
enum SqueezeNet: Architecture {
    static var variants: [ArchitectureVariant] {
        [
            ArchitectureVariant(
                name: "squeezenet1_1", summary: "8 fire modules, 1.2 M parameters, ImageNet", classCount: 1000,
                inputShape: [3, 224, 224], publishedParameters: 1_235_496, smallestInputShape: [3, 32, 32],
                inputConvention: .imageNet(), layers: layers)
        ]
    }

    /// A fire module makes `2 * expanded` channels.
    private enum Layer {
        case pool
        case fire(squeezed: Int, expanded: Int)
    }

    /// From `features.2` on.
    private static let features: [Layer] = [
        .pool, .fire(squeezed: 16, expanded: 64), .fire(squeezed: 16, expanded: 64),
        .pool, .fire(squeezed: 32, expanded: 128), .fire(squeezed: 32, expanded: 128),
        .pool, .fire(squeezed: 48, expanded: 192), .fire(squeezed: 48, expanded: 192),
        .fire(squeezed: 64, expanded: 256), .fire(squeezed: 64, expanded: 256),
    ]

    /// - Parameter input: `[N, 3, H, W]`
    private static func layers(_ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings) -> ValueID {
        build.initialization = .heUniformFanIn
        var (x, channels) = (input, 64)
        x = build.convolution(x, "features.0", channels: (3, channels), kernel: [3, 3], stride: [2, 2])
        x = build.relu(x, "features.1")
        for (index, layer) in features.enumerated() {
            let name = "features.\(index + 2)"
            switch layer {
            case .pool: x = build.maxPool(x, name, kernel: [3, 3], stride: [2, 2], roundingUp: true)
            case .fire(let squeezed, let expanded):
                x = build.scope(name) { fire(&$0, x, channels: channels, squeezed: squeezed, expanded: expanded) }
                channels = 2 * expanded
            }
        }
        x = build.dropout(x, share: 0.5, "classifier.0")
        build.initialization = .normal(standardDeviation: 0.01)
        x = build.convolution(x, "classifier.1", channels: (channels, settings.classCount), kernel: [1, 1])
        x = build.relu(x, "classifier.2")
        return build.pooledFeatures(x, "classifier.3")
    }

    private static func fire(
        _ build: inout LayerBuilder, _ input: ValueID, channels: Int, squeezed: Int, expanded: Int
    ) -> ValueID {
        var x = build.convolution(input, "squeeze", channels: (channels, squeezed), kernel: [1, 1])
        x = build.relu(x, "squeeze_activation")
        let wide = [(1, "expand1x1"), (3, "expand3x3")].map { kernel, name in
            let branch = build.convolution(
                x, name, channels: (squeezed, expanded), kernel: [kernel, kernel], padding: [kernel / 2, kernel / 2])
            return build.relu(branch, "\(name)_activation")
        }
        return build.concatenate(wide)
    }
}
