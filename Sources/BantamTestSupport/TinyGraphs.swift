public import BantamGraph

/// One small model for each pattern in which channels are coupled, with seeded weights and a free batch size.
///
/// Pruning, passes, execution and ONNX are tested on all of them. Each takes `input` and returns `output`.
public enum TinyGraphs {
    /// Every pattern. A graph's name is its pattern's.
    public static var all: [Graph] {
        [
            chain(), residual(), concat(), cascadedConcat(), split(), channelShuffle(), depthwise(), grouped(),
            flattenToLinear(), squeezeExcite(), attention(), windowAttention(), batchedAttention(),
            twoPathwayVideo(), sharedWeight(), unusedOutput(), paddedShortcut(), slices(), patches(), normalizations(),
            pixelShuffle(), shuffledUnits(),
        ]
    }

    /// Convolution, BatchNorm and ReLU, twice, in a row.
    public static func chain() -> Graph {
        model("chain") { build in
            let image = build.image(3, 8, 8)
            let first = build.convolution(image, "conv1", from: 3, to: 6)
            let active = build.relu(build.batchNorm(first, "norm1", channels: 6), "relu1")
            let second = build.convolution(active, "conv2", from: 6, to: 4, strides: [2, 2])
            return build.head(build.relu(build.batchNorm(second, "norm2", channels: 4), "relu2"), channels: 4)
        }
    }

    /// A block whose input is added to its result, so that both have the same channels.
    public static func residual() -> Graph {
        model("residual") { build in
            let image = build.image(3, 8, 8)
            let stem = build.relu(build.convolution(image, "stem", from: 3, to: 4), "relu1")
            let inner = build.relu(build.convolution(stem, "conv1", from: 4, to: 6), "relu2")
            let outer = build.convolution(inner, "conv2", from: 6, to: 4)
            let sum = build.node("Add", [stem, outer], name: "add")
            return build.head(build.relu(sum, "relu3"), channels: 4)
        }
    }

    /// Two branches joined along channels.
    public static func concat() -> Graph {
        model("concat") { build in
            let image = build.image(3, 8, 8)
            let left = build.convolution(image, "left", from: 3, to: 4)
            let right = build.convolution(image, "right", from: 3, to: 2, kernel: [1, 1])
            let joined = build.relu(build.concat([left, right], "concat"), "relu")
            return build.head(build.convolution(joined, "conv", from: 6, to: 5), channels: 5)
        }
    }

    /// Each layer reads all before it, as in DenseNet: a channel stands at several offsets.
    public static func cascadedConcat() -> Graph {
        model("cascaded_concat") { build in
            let image = build.image(3, 8, 8)
            let first = build.convolution(image, "conv1", from: 3, to: 4)
            let second = build.convolution(build.relu(first, "relu1"), "conv2", from: 4, to: 3)
            let two = build.concat([first, second], "concat1")
            let third = build.convolution(build.relu(two, "relu2"), "conv3", from: 7, to: 2)
            let three = build.concat([two, third], "concat2")
            return build.head(build.relu(three, "relu3"), channels: 9)
        }
    }

    /// Channels cut in two, each half treated by itself.
    public static func split() -> Graph {
        model("split") { build in
            let image = build.image(3, 8, 8)
            let stem = build.relu(build.convolution(image, "stem", from: 3, to: 8), "relu")
            let halves = build.nodes("Split", [stem], name: "split", outputs: 2, attributes: ["axis": .int(1)])
            let left = build.convolution(halves[0], "left", from: 4, to: 5)
            let right = build.convolution(halves[1], "right", from: 4, to: 5)
            return build.head(build.node("Add", [left, right], name: "add"), channels: 5)
        }
    }

    /// Grouped convolutions with their channels interleaved in between, as in ShuffleNet.
    public static func channelShuffle() -> Graph {
        model("channel_shuffle") { build in
            let image = build.image(3, 8, 8)
            let stem = build.relu(build.convolution(image, "stem", from: 3, to: 8), "relu")
            let first = build.convolution(stem, "conv1", from: 8, to: 8, kernel: [1, 1], groups: 2)
            let shuffled = build.shuffle(first, "shuffle", channels: 8, groups: 2)
            let second = build.convolution(shuffled, "conv2", from: 8, to: 8, kernel: [1, 1], groups: 2)
            return build.head(second, channels: 8)
        }
    }

    /// Units that half of the channels pass untouched, with a shuffle behind each, as in ShuffleNet V2.
    public static func shuffledUnits() -> Graph {
        model("shuffled_units") { build in
            let image = build.image(3, 8, 8)
            let left = build.relu(build.convolution(image, "left", from: 3, to: 6), "relu1")
            let right = build.batchNorm(build.convolution(image, "right", from: 3, to: 6), "norm", channels: 6)
            var x = build.shuffle(build.concat([left, right], "concat1"), "shuffle1", channels: 12, groups: 2)
            for unit in 2...3 {
                let halves = build.nodes("Split", [x], name: "split\(unit)", outputs: 2, attributes: ["axis": .int(1)])
                let half = build.relu(build.convolution(halves[1], "unit\(unit)", from: 6, to: 6), "relu\(unit)")
                x = build.concat([halves[0], half], "concat\(unit)")
                x = build.shuffle(x, "shuffle\(unit)", channels: 12, groups: 2)
            }
            let filtered = build.convolution(x, "depthwise", from: 12, to: 12, groups: 12)
            let first = build.convolution(filtered, "project", from: 12, to: 5, kernel: [1, 1])
            let second = build.convolution(x, "other", from: 12, to: 5)
            return build.head(build.node("Add", [first, second], name: "add"), channels: 5)
        }
    }

    /// Channels spread over space, four by four next to each other and four by four far apart: as in super-resolution.
    public static func pixelShuffle() -> Graph {
        model("pixel_shuffle") { build in
            let image = build.image(3, 4, 4)
            let stem = build.relu(build.convolution(image, "stem", from: 3, to: 12), "relu1")
            let near = build.node(
                "DepthToSpace", [stem], name: "near", attributes: ["blocksize": .int(2), "mode": .string("CRD")])
            let middle = build.relu(build.convolution(near, "conv", from: 3, to: 8), "relu2")
            let far = build.node(
                "DepthToSpace", [middle], name: "far", attributes: ["blocksize": .int(2), "mode": .string("DCR")])
            return build.head(far, channels: 2)
        }
    }

    /// Normalizations by sample, of each channel and of groups of channels, and a slope for each channel.
    public static func normalizations() -> Graph {
        model("normalizations") { build in
            let image = build.image(3, 8, 8)
            let first = build.convolution(image, "conv1", from: 3, to: 6)
            let parameters = { (build: inout GraphBuilder, name: String, count: Int) in
                [build.weight("\(name).weight", [count], in: 0.5...1.5), build.weight("\(name).bias", [count])]
            }
            let instance = build.node(
                "InstanceNormalization", [first] + parameters(&build, "instance", 6), name: "instance")
            let slope = build.weight("slope", [6, 1, 1], in: 0.1...0.4)
            let active = build.node("PRelu", [instance, slope], name: "prelu")
            let second = build.convolution(active, "conv2", from: 6, to: 8)
            let group = build.node(
                "GroupNormalization", [second] + parameters(&build, "group", 8), name: "group",
                attributes: ["num_groups": .int(2)])
            return build.head(build.relu(group, "relu"), channels: 8)
        }
    }

    /// A depthwise convolution between two pointwise ones.
    public static func depthwise() -> Graph {
        model("depthwise") { build in
            let image = build.image(3, 8, 8)
            let wide = build.relu(build.convolution(image, "expand", from: 3, to: 6, kernel: [1, 1]), "relu1")
            let filtered = build.convolution(wide, "depthwise", from: 6, to: 6, groups: 6)
            let active = build.relu(build.batchNorm(filtered, "norm", channels: 6), "relu2")
            let narrow = build.convolution(active, "project", from: 6, to: 4, kernel: [1, 1])
            return build.head(narrow, channels: 4)
        }
    }

    /// A block that doubles the channels, whose shortcut gets the missing ones as zeros: as in the CIFAR ResNets.
    public static func paddedShortcut() -> Graph {
        model("padded_shortcut") { build in
            let image = build.image(3, 8, 8)
            let stem = build.relu(build.convolution(image, "stem", from: 3, to: 4), "relu1")
            let pads = build.constant("pads", TensorData([8], [0, 1, 0, 0, 0, 2, 0, 0] as [Int64]))
            let shortcut = build.node("Pad", [stem, pads], name: "pad")
            let sum = build.node("Add", [shortcut, build.convolution(stem, "conv", from: 4, to: 7)], name: "add")
            return build.head(build.relu(sum, "relu2"), channels: 7)
        }
    }

    /// Parts of the channels, of which one is left unread, on paths of their own.
    public static func slices() -> Graph {
        model("slices") { build in
            let image = build.image(3, 8, 8)
            let stem = build.relu(build.convolution(image, "stem", from: 3, to: 9), "relu1")
            let parts = [(1, 4), (5, Int.max)].enumerated().map { index, range in
                let lists = [("starts", range.0), ("ends", range.1), ("axes", 1)].map {
                    build.constant("part\(index).\($0.0)", TensorData([1], [Int64($0.1)]))
                }
                return build.node("Slice", [stem] + lists, name: "part\(index)")
            }
            let left = build.convolution(parts[0], "left", from: 3, to: 4)
            let joined = build.concat([build.relu(left, "relu2"), parts[1]], "concat")
            return build.head(joined, channels: 8)
        }
    }

    /// A convolution in two groups.
    public static func grouped() -> Graph {
        model("grouped") { build in
            let image = build.image(4, 8, 8)
            let stem = build.relu(build.convolution(image, "stem", from: 4, to: 8), "relu")
            let grouped = build.convolution(stem, "grouped", from: 8, to: 6, groups: 2)
            return build.head(build.convolution(grouped, "conv", from: 6, to: 4), channels: 4)
        }
    }

    /// Each channel becomes as many inputs of a linear layer as it has pixels.
    public static func flattenToLinear() -> Graph {
        model("flatten_to_linear") { build in
            let image = build.image(1, 8, 8)
            let features = build.relu(build.convolution(image, "conv", from: 1, to: 4), "relu1")
            let pooled = build.node(
                "MaxPool", [features], name: "pool",
                attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
            let flat = build.node("Flatten", [pooled], name: "flatten", attributes: ["axis": .int(1)])
            let hidden = build.relu(build.linear(flat, "linear1", from: 64, to: 10), "relu2")
            return build.linear(hidden, "linear2", from: 10, to: 3)
        }
    }

    /// Channels scaled by a small network that looks at their means.
    public static func squeezeExcite() -> Graph {
        model("squeeze_excite") { build in
            let image = build.image(3, 8, 8)
            let features = build.relu(build.convolution(image, "conv", from: 3, to: 6), "relu1")
            let means = build.node("GlobalAveragePool", [features], name: "squeeze")
            let narrow = build.relu(build.convolution(means, "reduce", from: 6, to: 2, kernel: [1, 1]), "relu2")
            let wide = build.convolution(narrow, "expand", from: 2, to: 6, kernel: [1, 1])
            let gate = build.node("Sigmoid", [wide], name: "gate")
            return build.head(build.node("Mul", [features, gate], name: "excite"), channels: 6)
        }
    }

    /// Self-attention of two heads over 4 x 4 patches, with a residual connection.
    public static func attention() -> Graph {
        model("attention") { build in
            let (width, heads, headWidth, tokens) = (12, 2, 6, 16)
            let image = build.image(3, 8, 8)
            let patches = build.convolution(
                image, "embed", from: 3, to: width, kernel: [3, 3], strides: [2, 2])  // [N, D, 4, 4]
            let flat = build.reshape(patches, "flatten", to: [0, width, tokens])  // [N, D, L]
            let x = build.transpose(flat, "tokens", [0, 2, 1])  // [N, L, D]
            let split = { (build: inout GraphBuilder, name: String, order: [Int]) in
                let projected = build.projection(x, name, from: width, to: width)
                let parts = build.reshape(projected, "\(name).heads", to: [0, tokens, heads, headWidth])
                return build.transpose(parts, "\(name).transpose", order)
            }
            let query = split(&build, "query", [0, 2, 1, 3])  // [N, heads, L, d]
            let key = split(&build, "key", [0, 2, 3, 1])  // [N, heads, d, L]
            let value = split(&build, "value", [0, 2, 1, 3])  // [N, heads, L, d]
            let scale = build.constant("scale", TensorData(scalar: 1 / Float(headWidth).squareRoot()))
            let scores = build.node("MatMul", [query, key], name: "scores")
            let scaled = build.node("Mul", [scores, scale], name: "scaled")
            let weights = build.node("Softmax", [scaled], name: "softmax", attributes: ["axis": .int(-1)])
            let mixed = build.node("MatMul", [weights, value], name: "mixed")  // [N, heads, L, d]
            let back = build.transpose(mixed, "back", [0, 2, 1, 3])  // [N, L, heads, d]
            let merged = build.reshape(back, "merge", to: [0, tokens, width])  // [N, L, D]
            let sum = build.node("Add", [x, build.projection(merged, "out", from: width, to: width)], name: "add")
            let mean = build.node(
                "ReduceMean", [sum], name: "mean", attributes: ["axes": .ints([1]), "keepdims": .int(0)])
            return build.linear(mean, "classifier", from: width, to: 3)
        }
    }

    /// A clip seen by a slow and a fast pathway with a lateral connection, as in SlowFast.
    public static func twoPathwayVideo() -> Graph {
        model("two_pathway_video") { build in
            let clip = build.image(3, 8, 8, 8)  // [N, C, T, H, W]
            let slowClip = build.node(
                "MaxPool", [clip], name: "subsample",
                attributes: ["kernel_shape": .ints([1, 1, 1]), "strides": .ints([4, 1, 1])])
            let slow = build.relu(
                build.convolution(slowClip, "slow.conv1", from: 3, to: 6, kernel: [1, 3, 3]), "slow.relu1")
            let fast = build.relu(
                build.convolution(clip, "fast.conv1", from: 3, to: 2, kernel: [3, 3, 3]), "fast.relu1")
            let lateral = build.convolution(
                fast, "lateral", from: 2, to: 4, kernel: [5, 1, 1], strides: [4, 1, 1])
            let fused = build.concat([slow, lateral], "fuse")  // [N, 10, 2, 8, 8]
            let slowOut = build.convolution(fused, "slow.conv2", from: 10, to: 5, kernel: [1, 3, 3])
            let fastOut = build.convolution(fast, "fast.conv2", from: 2, to: 3, kernel: [3, 3, 3])
            let slowMean = build.node("GlobalAveragePool", [slowOut], name: "slow.pool")
            let fastMean = build.node("GlobalAveragePool", [fastOut], name: "fast.pool")
            let joined = build.concat([slowMean, fastMean], "join")  // [N, 8, 1, 1, 1]
            let flat = build.node("Flatten", [joined], name: "flatten", attributes: ["axis": .int(1)])
            return build.linear(flat, "classifier", from: 8, to: 3)
        }
    }

    /// One weight read by two convolutions.
    public static func sharedWeight() -> Graph {
        model("shared_weight") { build in
            let image = build.image(3, 8, 8)
            let stem = build.relu(build.convolution(image, "stem", from: 3, to: 4), "relu1")
            let weight = build.weight("shared.weight", [4, 4, 3, 3])
            let convolution = { (build: inout GraphBuilder, x: ValueID, name: String) in
                build.node(
                    "Conv", [x, weight], name: name,
                    attributes: ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])])
            }
            let first = convolution(&build, stem, "conv1")
            let second = convolution(&build, build.relu(first, "relu2"), "conv2")
            return build.head(second, channels: 4)
        }
    }

    /// A branch that nothing reads.
    public static func unusedOutput() -> Graph {
        model("unused_output") { build in
            let image = build.image(3, 8, 8)
            let stem = build.relu(build.convolution(image, "stem", from: 3, to: 4), "relu")
            let halves = build.nodes("Split", [stem], name: "split", outputs: 2, attributes: ["axis": .int(1)])
            _ = build.convolution(stem, "auxiliary", from: 4, to: 2)
            return build.head(halves[0], channels: 2)
        }
    }

    static func model(_ name: String, _ body: (inout GraphBuilder) -> ValueID) -> Graph {
        var build = GraphBuilder(name: name)
        let output = body(&build)
        build.output(output, name: "output")
        return build.graph
    }
}
