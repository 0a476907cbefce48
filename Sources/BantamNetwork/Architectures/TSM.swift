import BantamGraph

/// Networks for images that see motion: each frame is an image, and within each residual block an eighth of the
/// channels comes from the next frame, another one from the frame before. That costs no arithmetic and no weights.
///
/// The scores are the mean of the frames'. Names and weights of `tsm_mobilenet_v2` and `tsm_resnet50` are those of
/// mit-han-lab/temporal-shift-module; `tsm_mobilenet_v3` has torchvision's names behind `base_model`. Lin et al., *TSM:
/// Temporal Shift Module for Efficient Video Understanding*, ICCV 2019.
enum TSM: Architecture {
    private enum Backbone {
        case mobileNetV2, mobileNetV3, resNet50
    }

    static var variants: [ArchitectureVariant] {
        [
            variant("tsm_mobilenet_v2", "MobileNetV2", parameters: 2_736_272, .mobileNetV2),
            variant("tsm_mobilenet_v3", "MobileNetV3 (large)", parameters: nil, .mobileNetV3),
            variant("tsm_resnet50", "ResNet-50", parameters: 24_327_632, .resNet50),
        ]
    }

    private static func variant(
        _ name: String, _ backbone: String, parameters: Int?, _ kind: Backbone
    ) -> ArchitectureVariant {
        // Frames are taken over 64 of a video of 30 frames a second.
        var convention = InputConvention.imageNet()
        convention.framesPerSecond = 3.75
        return ArchitectureVariant(
            name: name, summary: "\(backbone) with a shift in time on 8 frames, Kinetics-400", classCount: 400,
            inputShape: [3, 8, 224, 224], publishedParameters: parameters, smallestInputShape: [3, 4, 32, 32],
            inputConvention: convention, layers: { layers(&$0, input: $1, settings: $2, kind) })
    }

    /// - Parameter input: `[N, 3, T, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, _ backbone: Backbone
    ) -> ValueID {
        let shift = TemporalShift(frames: settings.inputShape[1], sizes: Array(settings.inputShape.dimensions[2...]))
        let images = build.framesAsBatch(input, channels: settings.inputShape[0], sizes: shift.sizes, "frames")
        var (x, featureCount) = build.scope("base_model") { features(&$0, images, of: backbone, shift) }
        x = build.dropout(x, share: 0.5)
        build.initialization = .normal(standardDeviation: 0.001)
        x = build.linear(x, "new_fc", features: (featureCount, settings.classCount))  // [N * T, classes]
        x = build.reshape(x, [-1, shift.frames, settings.classCount], "scores")
        return build.mean(x, axis: 1, "consensus")  // [N, classes]
    }

    /// - Parameter images: `[N * T, 3, H, W]`
    /// - Returns: `[N * T, features]`, and how many features there are.
    private static func features(
        _ build: inout LayerBuilder, _ images: ValueID, of backbone: Backbone, _ shift: TemporalShift
    ) -> (ValueID, Int) {
        switch backbone {
        case .mobileNetV2:
            build.initialization = .normalFanOut
            let x = MobileNetV2.features(&build, images, names: names) { build, x, block in
                shift.apply(
                    &build, x, channels: block.input, reduction: block.reduction, "features.\(block.index).shift")
            }
            return (build.pooledFeatures(x), MobileNetV2.featureCount)
        case .mobileNetV3:
            let network = MobileNetV3.large
            let x = MobileNetV3.features(&build, images, of: network) { build, x, block, name, reduction in
                shift.apply(&build, x, channels: block.input, reduction: reduction, "\(name).shift")
            }
            return (MobileNetV3.hiddenLayer(&build, build.pooledFeatures(x), of: network), network.hiddenFeatures)
        case .resNet50:
            let network = ResNet.resNet50
            let x = ResNet.features(&build, images, of: network, firstConvolution: "conv1.net") { build, x, block in
                shift.apply(&build, x, channels: block.input, reduction: block.reduction, "\(block.name).shift")
            }
            return (build.pooledFeatures(x), network.featureCount)
        }
    }

    /// MIT's MobileNetV2 counts all layers of a block in one sequence, activations too; a shifted one is the `net` of
    /// its shift.
    private static func names(of block: MobileNetV2.Block) -> [NormalizedLayerNames] {
        let name = "features.\(block.index).conv"
        var names = block.names.indices.map { NormalizedLayerNames(sequence: name, from: 3 * $0) }
        if block.isResidual { names[0].convolution += ".net" }
        return names
    }
}

/// Exchanges an eighth of the channels with the frame after, another one with the frame before.
struct TemporalShift {
    private static let share = 8

    /// `T`.
    var frames: Int
    /// Of the image: `[H, W]`.
    var sizes: [Int]

    /// - Parameters:
    ///   - input: `[N * T, C, ...]`
    ///   - reduction: How many times smaller than the image it is.
    func apply(
        _ build: inout LayerBuilder, _ input: ValueID, channels: Int, reduction: Int, _ name: String
    ) -> ValueID {
        let fold = channels / Self.share
        let sizes = sizes.strided(by: reduction)
        return build.scope(name) { build in
            let parts = build.split(input, sizes: [fold, fold, channels - 2 * fold])
            let clips = parts[..<2].enumerated().map { index, part in
                build.reshape(part, [-1, frames, fold] + sizes, "clip\(index)")  // [N, T, fold, ...]
            }
            let later = build.slice(clips[0], axis: 1, from: 1, "later")
            let earlier = build.slice(clips[1], axis: 1, from: 0, to: frames - 1, "earlier")
            let rank = sizes.count + 3
            let shifted = [
                build.padded(later, axis: 1, before: 0, after: 1, rank: rank, "pad0"),
                build.padded(earlier, axis: 1, before: 1, after: 0, rank: rank, "pad1"),
            ]
            let images = shifted.enumerated().map { index, clip in
                build.reshape(clip, [-1, fold] + sizes, "images\(index)")  // [N * T, fold, ...]
            }
            return build.concatenate(images + [parts[2]])
        }
    }
}
