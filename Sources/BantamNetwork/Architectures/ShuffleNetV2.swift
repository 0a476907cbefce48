import BantamGraph

/// Half of the channels pass each unit untouched; then the halves are shuffled.
///
/// Names, initialization and weights are torchvision's. Ma et al., *ShuffleNet V2: Practical Guidelines for Efficient
/// CNN Architecture Design*, ECCV 2018.
enum ShuffleNetV2: Architecture {
    static var variants: [ArchitectureVariant] {
        networks.map { network in
            ArchitectureVariant(
                name: network.name, summary: "split and shuffled channels, width \(network.width), ImageNet",
                classCount: 1000, inputShape: [3, 224, 224], publishedParameters: network.parameters,
                smallestInputShape: [3, 32, 32], inputConvention: .imageNet(),
                layers: { layers(&$0, input: $1, settings: $2, channels: network.channels) })
        }
    }

    private struct Network {
        var name: String
        var width: String
        /// Of the stem, the three stages and the last convolution.
        var channels: [Int]
        var parameters: Int
    }

    private static let networks = [
        Network(
            name: "shufflenet_v2_x0_5", width: "0.5", channels: [24, 48, 96, 192, 1024], parameters: 1_366_792),
        Network(
            name: "shufflenet_v2_x1_0", width: "1.0", channels: [24, 116, 232, 464, 1024], parameters: 2_278_604),
        Network(
            name: "shufflenet_v2_x1_5", width: "1.5", channels: [24, 176, 352, 704, 1024], parameters: 3_503_624),
        Network(
            name: "shufflenet_v2_x2_0", width: "2.0", channels: [24, 244, 488, 976, 2048], parameters: 7_393_996),
    ]
    private static let repeats = [4, 8, 4]

    /// - Parameter input: `[N, 3, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, channels: [Int]
    ) -> ValueID {
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames(sequence: "conv1"), channels: (3, channels[0]), kernel: [3, 3], stride: [2, 2],
            activation: .relu)
        x = build.maxPool(x, "maxpool", kernel: [3, 3], stride: [2, 2], padding: [1, 1])  // [N, C, H / 4, W / 4]
        var sizes = settings.inputShape.dimensions[1...].map { $0 }.strided(by: 2).strided(by: 2)
        for (stage, repeats) in repeats.enumerated() {
            let (before, after) = (channels[stage], channels[stage + 1])
            sizes = sizes.strided(by: 2)
            for position in 0..<repeats {
                x = build.scope("stage\(stage + 2).\(position)") { build in
                    let halves =
                        position == 0
                        ? reducingUnit(&build, x, channels: (before, after / 2))
                        : unit(&build, x, channels: after / 2)
                    let joined = build.concatenate(halves)  // [N, C, h, w]
                    return build.channelShuffle(joined, "shuffle", channels: after, groups: 2, sizes: sizes)
                }
            }
        }
        x = build.normalizedConvolution(
            x, NormalizedLayerNames(sequence: "conv5"), channels: (channels[3], channels[4]), kernel: [1, 1],
            activation: .relu)
        x = build.pooledFeatures(x)
        return build.linear(x, "fc", features: (channels[4], settings.classCount))
    }

    /// One half of the channels as it is, the other one convolved.
    private static func unit(_ build: inout LayerBuilder, _ input: ValueID, channels: Int) -> [ValueID] {
        let halves = build.split(input, sizes: [channels, channels])
        return [halves[0], convolvingBranch(&build, halves[1], channels: (channels, channels), stride: 1)]
    }

    /// Both branches read all channels and halve the sizes.
    private static func reducingUnit(
        _ build: inout LayerBuilder, _ input: ValueID, channels: (input: Int, output: Int)
    ) -> [ValueID] {
        let inputs = channels.input
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames(sequence: "branch1"), channels: (inputs, inputs), kernel: [3, 3],
            stride: [2, 2], groups: inputs)
        x = build.normalizedConvolution(
            x, NormalizedLayerNames(sequence: "branch1", from: 2), channels: channels, kernel: [1, 1],
            activation: .relu)
        return [x, convolvingBranch(&build, input, channels: channels, stride: 2)]
    }

    private static func convolvingBranch(
        _ build: inout LayerBuilder, _ input: ValueID, channels: (input: Int, output: Int), stride: Int
    ) -> ValueID {
        let inner = channels.output
        var x = build.normalizedConvolution(
            input, NormalizedLayerNames(sequence: "branch2"), channels: channels, kernel: [1, 1], activation: .relu)
        x = build.normalizedConvolution(
            x, NormalizedLayerNames(sequence: "branch2", from: 3), channels: (inner, inner), kernel: [3, 3],
            stride: [stride, stride], groups: inner)
        return build.normalizedConvolution(
            x, NormalizedLayerNames(sequence: "branch2", from: 5), channels: (inner, inner), kernel: [1, 1],
            activation: .relu)
    }
}
