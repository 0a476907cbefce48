/// An operator that reduces each window of `[N, C, ...]` to one number.
protocol WindowedPool: Operator {}

extension WindowedPool {
    static var inputs: [InputSlot] { [.activation("X")] }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        [Shape(node.inputShape(0).dimensions.prefix(2) + (try window(of: node).output))]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(axes: 0...1) }

    /// - Throws: `shapeMismatch` when `kernel_shape` is missing or the window does not fit.
    static func window(of node: NodeContext) throws(GraphError) -> SlidingWindow {
        let input = node.inputShape(0)
        guard input.rank >= 3 else { throw node.mismatch("an input of shape \(input) has no spatial axes") }
        guard node.ints("kernel_shape") != nil else { throw node.mismatch("kernel_shape is missing") }
        let kernel = try node.windowSetting(
            "kernel_shape", count: input.rank - 2, default: 1, in: 1...SlidingWindow.largestSetting)
        return try SlidingWindow(of: node, over: Array(input.dimensions[2...]), kernel: kernel)
    }

    /// The padding, where ATen's pools accept it: the same at both ends, half the window at most, and none needed for
    /// the window to fit.
    static func directPadding(of window: SlidingWindow) -> [Int]? {
        guard let pads = window.symmetricPads, zip(pads, window.kernel).allSatisfy({ $0 <= $1 / 2 }),
            zip(window.extents, window.input).allSatisfy({ $0 <= $1 })
        else { return nil }
        return pads
    }

    static func roundsUp(_ window: SlidingWindow) -> ATenArgument { .bool(window.overhang.contains { $0 > 0 }) }
}

extension SlidingWindow {
    /// The mean of each window of an input that is padded already. ATen's pools are not dilated, but its convolutions
    /// are.
    func dilatedMean(
        _ padded: ATenArgument, channels: Int, in calls: inout CallSequence
    ) -> ATenArgument {
        let weight = TensorData(
            Shape([channels, 1] + kernel), [Float](repeating: 1 / Float(kernelVolume), count: channels * kernelVolume))
        let none = ATenArgument.ints(Array(repeating: 0, count: kernel.count))
        let shares = calls.append("aten::type_as", "", .constant(weight), padded)
        return calls.append(
            "aten::convolution", "", padded, shares, .none, .ints(strides), none, .ints(dilations), .bool(false), none,
            .int(channels))
    }
}
