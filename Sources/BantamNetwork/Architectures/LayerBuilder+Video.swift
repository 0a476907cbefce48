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
}
