extension ChannelFlow {
    /// Follows channels through a change of shape that leaves the elements in order.
    ///
    /// The shapes are cut into the smallest blocks of neighbouring axes that hold equally many elements, and each
    /// block is read by itself. Axes of size 1 play no part.
    ///
    /// ```
    /// [N, C, H, W] -> [N, C*H*W]          N same; C by blocks of H*W             (flatten)
    /// [N, C*H*W] -> [N, C, H, W]          the same, from output to input          (unflatten)
    /// [N, C, H, W] -> [N, g, K, H, W]     C to K, modulo K: all groups lose alike (first half of a channel shuffle)
    /// [N, K, g, H, W] -> [N, C, H, W]     K by blocks of g                        (second half)
    /// [N, L, D] -> [N, L, heads, d]       D to d, modulo d: all heads lose alike  (attention), and back likewise
    /// ```
    ///
    /// Numbers alone do not tell whether, of two axes made one, the outer or the inner lists the channels. So the
    /// convention decides: up to axis 1 channels come first and are followed by what is inside them; from axis 2 on
    /// they come last, as features of tokens do. A wrong guess leaves an axis unlinked, which stops pruning there and
    /// never prunes the wrong thing.
    static func reshape(from input: Shape, to output: Shape) -> ChannelFlow {
        guard !input.dimensions.contains(0) else { return .opaque("the tensor has no elements") }
        var links: [AxisLink] = []
        for block in ReshapeBlock.blocks(from: input, to: output) {
            switch (block.inputAxes.count, block.outputAxes.count) {
            case (1, 1):
                links.append(AxisLink(.input(0, axis: block.inputAxes[0]), .output(0, axis: block.outputAxes[0])))
            case (_, 1):
                links.append(merge(block, input: input, output: output))
            case (1, _):
                links.append(split(block, input: input, output: output))
            default:
                return .opaque("\(input) to \(output) mixes axes \(block.inputAxes) with one another")
            }
        }
        return .links(links)
    }

    private static func merge(_ block: ReshapeBlock, input: Shape, output: Shape) -> AxisLink {
        let (outer, inner) = (block.inputAxes[0], block.inputAxes[block.inputAxes.count - 1])
        let whole = block.outputAxes[0]
        return outer <= 1
            ? AxisLink(.input(0, axis: outer), .output(0, axis: whole), .blocks(size: output[whole] / input[outer]))
            : AxisLink(.output(0, axis: whole), .input(0, axis: inner), .modulo(input[inner]))
    }

    private static func split(_ block: ReshapeBlock, input: Shape, output: Shape) -> AxisLink {
        let whole = block.inputAxes[0]
        let (outer, inner) = (block.outputAxes[0], block.outputAxes[block.outputAxes.count - 1])
        // Two parts before spatial axes are groups of channels. Otherwise something is inside each channel: the
        // image that a vector is unfolded into, or the block of pixels of a sub-pixel convolution.
        let isGrouping = block.outputAxes.count == 2 && input.rank > 2
        return whole <= 1 && !isGrouping
            ? AxisLink(.output(0, axis: outer), .input(0, axis: whole), .blocks(size: input[whole] / output[outer]))
            : AxisLink(.input(0, axis: whole), .output(0, axis: inner), .modulo(output[inner]))
    }
}

/// Neighbouring axes of a reshape's input that hold the same elements as neighbouring axes of its output.
private struct ReshapeBlock {
    var inputAxes: [Int] = []
    var outputAxes: [Int] = []

    /// - Precondition: the element counts agree and are positive.
    static func blocks(from input: Shape, to output: Shape) -> [ReshapeBlock] {
        var inputAxes = input.dimensions.indices.filter { input[$0] > 1 }[...]
        var outputAxes = output.dimensions.indices.filter { output[$0] > 1 }[...]
        var blocks: [ReshapeBlock] = []
        while !inputAxes.isEmpty {
            var block = ReshapeBlock()
            var (inputCount, outputCount) = (1, 1)
            repeat {
                if inputCount <= outputCount {
                    let axis = inputAxes.removeFirst()
                    block.inputAxes.append(axis)
                    inputCount *= input[axis]
                } else {
                    let axis = outputAxes.removeFirst()
                    block.outputAxes.append(axis)
                    outputCount *= output[axis]
                }
            } while inputCount != outputCount
            blocks.append(block)
        }
        return blocks
    }
}
