import BantamGraph

/// A compact transformer for clips, with a choice of what a token sees.
///
/// A token is a tubelet of 2x16x16 pixels. What attention costs grows with the square of the tokens that see one
/// another; the variants limit that in the ways of the literature, and have the depth that gives each about 4 million
/// parameters. The network is Bantam's own: there are no published weights.
///
/// Dosovitskiy et al., *An Image is Worth 16x16 Words*, ICLR 2021; tubelets and separate embeddings of time and place:
/// Arnab et al., *ViViT*, ICCV 2021.
enum VideoTransformer: Architecture {
    enum Attention {
        /// Each token sees all.
        case full
        /// First all moments at one place, then all places at one moment: Bertasius et al., *Is Space-Time Attention
        /// All You Need for Video Understanding?*, ICML 2021.
        case divided
        /// A box of neighbours; the boxes of every other block are shifted by half: Liu et al., *Video Swin
        /// Transformer*, CVPR 2022.
        case window
        /// One axis after the other: Ho et al., *Axial Attention in Multidimensional Transformers*, 2019.
        case axial

        /// The attention layers of a block in order: what they are called, and the groups that see one another; `nil`
        /// for one group of all.
        func layers(block: Int, grid: [Int]) -> [(suffix: String, groups: TokenGroups?)] {
            switch self {
            case .full: [("", nil)]
            case .divided:
                [("_time", TokenGroups(along: [0], of: grid)), ("_space", TokenGroups(along: [1, 2], of: grid))]
            case .window:
                [("", TokenGroups(windows: [4, 4, 4], isShifted: !block.isMultiple(of: 2), of: grid))]
            case .axial:
                ["_time", "_height", "_width"].enumerated().map { axis, suffix in
                    (suffix, TokenGroups(along: [axis], of: grid))
                }
            }
        }
    }

    struct Configuration {
        var name: String
        var attention: Attention
        var summary: String
        var depth: Int
        var smallestInputShape: Shape = [3, 4, 48, 32]
    }

    static let configurations = [
        Configuration(
            name: "video_transformer", attention: .full, summary: "8 blocks in which all tokens see one another",
            depth: 8),
        Configuration(
            name: "video_transformer_divided", attention: .divided,
            summary: "6 blocks that look along time, then across space", depth: 6),
        Configuration(
            name: "video_transformer_window", attention: .window,
            summary: "8 blocks that look around in boxes of 4x4x4 tokens", depth: 8,
            smallestInputShape: [3, 4, 96, 64]),
        Configuration(
            name: "video_transformer_axial", attention: .axial,
            summary: "5 blocks that look along time, height and width in turn", depth: 5),
    ]

    static var variants: [ArchitectureVariant] {
        configurations.map { configuration in
            ArchitectureVariant(
                name: configuration.name, summary: configuration.summary + ", 4 M parameters", classCount: 400,
                inputShape: [3, 16, 128, 128], smallestInputShape: configuration.smallestInputShape
            ) { layers(&$0, input: $1, settings: $2, configuration) }
        }
    }

    private static let tubelet = [2, 16, 16]
    private static let width = 192
    private static let heads = 3
    private static let hiddenRatio = 4

    /// - Parameter input: `[N, 3, T, H, W]`
    private static func layers(
        _ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings, _ configuration: Configuration
    ) -> ValueID {
        build.initialization = .normal(standardDeviation: 0.02)
        let grid = zip(settings.inputShape.dimensions[1...], tubelet).map { $0 / $1 }
        var x = embed(&build, input, grid: grid)  // [N, L, D]
        for block in 0..<configuration.depth {
            let name = "blocks.\(block)"
            for layer in configuration.attention.layers(block: block, grid: grid) {
                x = attend(&build, x, name, layer.suffix, layer.groups)
            }
            let hidden = build.layerNorm(x, "\(name).norm_mlp", features: width)
            let change = build.feedForward(hidden, "\(name).mlp", features: width, hidden: hiddenRatio * width)
            x = build.add(x, change, "\(name).add_mlp")
        }
        x = build.layerNorm(x, "norm", features: width)
        x = build.mean(x, axis: 1, "pool")  // [N, D]
        return build.linear(x, "head", features: (width, settings.classCount))
    }

    /// One token for each tubelet, to which its moment and its place are added.
    private static func embed(_ build: inout LayerBuilder, _ input: ValueID, grid: [Int]) -> ValueID {
        var x = build.convolution(input, "embed", channels: (3, width), kernel: tubelet, stride: tubelet)
        let time = build.parameter("position.time", [width, grid[0], 1, 1])
        let space = build.parameter("position.space", [width, 1, grid[1], grid[2]])
        x = build.add(build.add(x, time, "position.time.add"), space, "position.space.add")  // [N, D, T, H, W]
        x = build.reshape(x, [0, 0, -1], "embed.flatten")  // [N, D, L]
        return build.transpose(x, [0, 2, 1], "embed.transpose")  // [N, L, D]
    }

    /// Attention within groups, and the connection around it.
    private static func attend(
        _ build: inout LayerBuilder, _ input: ValueID, _ block: String, _ suffix: String, _ groups: TokenGroups?
    ) -> ValueID {
        let name = "\(block).attn\(suffix)"
        var x = build.layerNorm(input, "\(block).norm\(suffix)", features: width)
        if let groups {
            x = build.grouped(x, groups, "\(name).group")  // [N, G, S, D]
            x = build.attention(x, name, features: width, heads: heads, hasGroups: true, mask: groups.mask)
            x = build.ungrouped(x, groups, "\(name).ungroup")
        } else {
            x = build.attention(x, name, features: width, heads: heads)
        }
        return build.add(input, x, "\(block).add\(suffix)")
    }
}
