public import BantamGraph

// What several families are made of. Nothing here knows how many spatial axes there are.

/// The function that follows a layer.
public enum Activation: String, Hashable, Sendable {
    case none, relu, relu6, hardSwish, swish
}

/// What a convolution and the BatchNorm behind it are called.
public struct NormalizedLayerNames: Hashable, Sendable {
    public var convolution: String
    public var norm: String

    public init(_ convolution: String, _ norm: String) {
        self.convolution = convolution
        self.norm = norm
    }

    /// The first two entries of a PyTorch `Sequential`: `features.0` has `features.0.0` and `features.0.1`.
    public init(sequence: String, from index: Int = 0) {
        self.init("\(sequence).\(index)", "\(sequence).\(index + 1)")
    }
}

extension LayerBuilder {
    public mutating func activation(_ input: ValueID, _ kind: Activation, _ name: String) -> ValueID {
        switch kind {
        case .none: input
        case .relu: relu(input, name)
        case .relu6: relu6(input, name)
        case .hardSwish: hardSwish(input, name)
        case .swish: swish(input, name)
        }
    }

    /// A convolution without bias, BatchNorm, and an activation.
    ///
    /// - Parameters:
    ///   - input: `[N, in, ...]`
    ///   - stride: One entry for each spatial axis; 1 by default.
    ///   - padding: By default half the kernel, which keeps sizes at stride 1.
    public mutating func normalizedConvolution(
        _ input: ValueID, _ names: NormalizedLayerNames, channels: (input: Int, output: Int), kernel: [Int],
        stride: [Int]? = nil, padding: Padding? = nil, groups: Int = 1, activation kind: Activation = .none
    ) -> ValueID {
        var x = convolution(
            input, names.convolution, channels: channels, kernel: kernel, stride: stride,
            padding: padding ?? .symmetric(kernel.map { ($0 - 1) / 2 }), groups: groups, bias: false)
        x = batchNorm(x, names.norm, channels: channels.output)
        return activation(x, kind, "\(names.norm).\(kind.rawValue)")
    }

    /// Scales each channel by a gate that reads the means of all: squeeze and excite.
    ///
    /// - Parameters:
    ///   - input: `[N, C, ...]` with `axes` spatial axes.
    ///   - names: Of the convolution to `squeezed` channels and of the one back.
    ///   - gate: Makes the factors, in 0...1.
    /// - Reference: Hu et al., *Squeeze-and-Excitation Networks*, CVPR 2018.
    public mutating func squeezeExcite(
        _ input: ValueID, _ names: (reduce: String, expand: String), channels: Int, squeezed: Int, axes: Int,
        activation kind: Activation = .relu,
        gate: (inout LayerBuilder, ValueID, String) -> ValueID = { $0.sigmoid($1, $2) }
    ) -> ValueID {
        let kernel = Array(repeating: 1, count: axes)
        var x = globalAveragePool(input, "\(names.reduce).pool")  // [N, C, 1, ...]
        x = convolution(x, names.reduce, channels: (channels, squeezed), kernel: kernel)
        x = activation(x, kind, "\(names.reduce).\(kind.rawValue)")
        x = convolution(x, names.expand, channels: (squeezed, channels), kernel: kernel)
        x = gate(&self, x, "\(names.expand).gate")
        return multiply(input, x, "\(names.expand).scale")
    }

    /// Interleaves the channels of `groups` groups: what was `[group, channel]` becomes `[channel, group]`.
    ///
    /// - Parameters:
    ///   - input: `[N, C, ...]`
    ///   - sizes: The spatial sizes.
    /// - Reference: Zhang et al., *ShuffleNet*, CVPR 2018.
    public mutating func channelShuffle(
        _ input: ValueID, _ name: String, channels: Int, groups: Int, sizes: [Int]
    ) -> ValueID {
        var x = reshape(input, [0, groups, channels / groups] + sizes, "\(name).split")  // [N, g, C / g, ...]
        x = transpose(x, [0, 2, 1] + sizes.indices.map { $0 + 3 }, "\(name).transpose")  // [N, C / g, g, ...]
        return reshape(x, [0, channels] + sizes, "\(name).merge")  // [N, C, ...]
    }

    /// Every `step`-th position along some axes, beginning with the first.
    public mutating func subsampled(_ input: ValueID, axes: [Int], step: Int, _ name: String) -> ValueID {
        let lists = [("starts", 0), ("ends", Int.max), ("axes", nil), ("steps", step)].map { list, number in
            integers("\(name).\(list)", axes.map { number ?? $0 })
        }
        return graph.node("Slice", [input] + lists, name: name)
    }

    /// Zeros before and after what there is along one axis of `[N, C, ...]`, which has `rank` axes.
    public mutating func padded(
        _ input: ValueID, axis: Int, before: Int, after: Int, rank: Int, _ name: String
    ) -> ValueID {
        let amounts = [before, after].flatMap { amount in (0..<rank).map { $0 == axis ? amount : 0 } }
        return graph.node("Pad", [input, integers("\(name).pads", amounts)], name: name)
    }

    /// The means over all spatial axes: `[N, C, ...]` to `[N, C]`.
    public mutating func pooledFeatures(_ input: ValueID, _ name: String = "avgpool") -> ValueID {
        flatten(globalAveragePool(input, name), "\(name).flatten")
    }

    /// Layers that are initialized by another rule than their surroundings.
    public mutating func initialized<Result>(
        _ rule: WeightInitialization, _ body: (inout LayerBuilder) throws -> Result
    ) rethrows -> Result {
        let before = initialization
        initialization = rule
        defer { initialization = before }
        return try body(&self)
    }
}

/// `value` as a multiple of `divisor`, the nearest one that is not more than a tenth below it: how the MobileNets
/// round channel counts.
func makeDivisible(_ value: Double, by divisor: Int = 8) -> Int {
    let nearest = max(divisor, Int(value + Double(divisor) / 2) / divisor * divisor)
    return Double(nearest) < 0.9 * value ? nearest + divisor : nearest
}

extension [Int] {
    /// The spatial sizes behind a layer that has this stride along every axis, and padding of half its kernel.
    func strided(by stride: Int) -> [Int] { map { ($0 + stride - 1) / stride } }
}
