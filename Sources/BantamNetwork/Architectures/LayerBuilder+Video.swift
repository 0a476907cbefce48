public import BantamGraph

// What the networks for clips are made of.

extension LayerBuilder {
    /// Some of a clip's frames, in the given order.
    ///
    /// - Parameters:
    ///   - clip: `[N, C, T, H, W]`
    ///   - frames: Their indices, in `0..<T`.
    /// - Returns: `[N, C, frames, H, W]`
    public mutating func frames(of clip: ValueID, _ frames: [Int], _ name: String) -> ValueID {
        graph.node("Gather", [clip, integers("\(name).frames", frames)], name: name, attributes: ["axis": .int(2)])
    }

    /// A pointwise convolution and BatchNorm that end a residual branch over three axes. The BatchNorm's scale starts
    /// at zero, so that a new network's blocks do nothing but pass on what they get.
    ///
    /// Reference: Goyal et al., *Accurate, Large Minibatch SGD*, 2017.
    public mutating func closingConvolution(
        _ input: ValueID, _ names: NormalizedLayerNames, channels: (input: Int, output: Int)
    ) -> ValueID {
        let x = convolution(input, names.convolution, channels: channels, kernel: [1, 1, 1], bias: false)
        return batchNorm(x, names.norm, channels: channels.output, scale: 0)
    }

    /// Each frame of each clip as an image of its own, those of one clip behind each other.
    ///
    /// - Parameters:
    ///   - clip: `[N, C, T, ...]`
    ///   - sizes: Those behind `T`.
    /// - Returns: `[N * T, C, ...]`
    public mutating func framesAsBatch(
        _ clip: ValueID, channels: Int, sizes: [Int], _ name: String
    ) -> ValueID {
        let x = transpose(clip, [0, 2, 1] + sizes.indices.map { $0 + 3 }, "\(name).transpose")  // [N, T, C, ...]
        return reshape(x, [-1, channels] + sizes, "\(name).merge")
    }

    /// For each moment, the mean of all up to it.
    ///
    /// - Parameters:
    ///   - input: `[N, C, T]`
    ///   - count: `T`.
    public mutating func causalMean(_ input: ValueID, count: Int, _ name: String) -> ValueID {
        // A window over the whole past, of which the part before the beginning does not count.
        averagePool(
            input, name, kernel: [count], stride: [1], padding: .begin([count - 1], end: [0]), countingPadding: false)
    }

    /// The mean along one axis, which goes.
    public mutating func mean(_ input: ValueID, axis: Int, _ name: String) -> ValueID {
        graph.node("ReduceMean", [input], name: name, attributes: ["axes": .ints([axis]), "keepdims": .int(0)])
    }
}
