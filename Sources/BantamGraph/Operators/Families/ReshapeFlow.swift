extension ChannelFlow {
    /// Follows channels through a change of shape that leaves the elements in order.
    ///
    /// The shapes are cut into the smallest blocks of neighbouring axes that hold equally many elements, and the axes
    /// of a block into ``ReshapeFactor``s, each of which is one digit of an index on both sides. Axes of size 1 play no
    /// part.
    ///
    /// ```
    /// [N, C, H, W] -> [N, C*H*W]          N same; C by blocks of H*W             (flatten)
    /// [N, C*H*W] -> [N, C, H, W]          the same, from output to input          (unflatten)
    /// [N, C, H, W] -> [N, g, K, H, W]     C to K, modulo K: all groups lose alike (first half of a channel shuffle)
    /// [N, K, g, H, W] -> [N, C, H, W]     K by blocks of g                        (second half)
    /// [N, L, D] -> [N, L, heads, d]       D to d, modulo d: all heads lose alike  (attention), and back likewise
    /// [L, N, D] -> [L, N*heads, d]        the same, with the heads beside the batch
    /// [N, C, H, W] -> [N*C*h, b, w, b]    C to the middle digit of axis 0         (patches, with H = h*b, W = w*b)
    /// ```
    ///
    /// An axis made of several factors passes on one of them. Numbers alone do not tell which one lists the channels, so
    /// the convention decides: up to axis 1 channels come first and are followed by what is inside them, behind a batch
    /// that shares their axis; from axis 2 on they come last, as features of tokens do. Where ``HeadAxes`` show that a
    /// factor numbers the heads of an attention, it is the one to take or to leave. A wrong guess leaves an axis
    /// unlinked, which stops pruning there and never prunes the wrong thing.
    ///
    /// - Parameter heads: What is known of attention around the node.
    static func reshape(from input: Shape, to output: Shape, heads: HeadAxes? = nil) -> ChannelFlow {
        guard !input.dimensions.contains(0) else { return .opaque("the tensor has no elements") }
        var links: [AxisLink] = []
        var reason: String?
        for block in ReshapeBlock.blocks(from: input, to: output) {
            if let factors = block.factors(from: input, to: output) {
                links += ReshapeChoice(factors, input: input, output: output, heads: heads).links
            } else {
                reason = reason ?? "\(input) to \(output) mixes axes \(block.inputAxes) with one another"
            }
        }
        return reason.map { .partial(links, otherwise: $0) } ?? .links(links)
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

    /// The digits that input and output have in common, the outermost first; `nil` where the sizes do not divide one
    /// another, as in `[4, 6]` to `[6, 4]`.
    func factors(from input: Shape, to output: Shape) -> [ReshapeFactor]? {
        var factors: [ReshapeFactor] = []
        var (inputs, outputs) = (inputAxes, outputAxes)
        var (inputStride, outputStride) = (1, 1)
        while let inputAxis = inputs.last, let outputAxis = outputs.last {
            let (inputLeft, outputLeft) = (input[inputAxis] / inputStride, output[outputAxis] / outputStride)
            let count = min(inputLeft, outputLeft)
            guard inputLeft.isMultiple(of: count), outputLeft.isMultiple(of: count) else { return nil }
            factors.append(
                ReshapeFactor(
                    count: count, inputAxis: inputAxis, inputStride: inputStride, outputAxis: outputAxis,
                    outputStride: outputStride))
            inputStride *= count
            outputStride *= count
            if inputStride == input[inputAxis] { (_, inputStride) = (inputs.removeLast(), 1) }
            if outputStride == output[outputAxis] { (_, outputStride) = (outputs.removeLast(), 1) }
        }
        return factors.reversed()
    }
}

/// One digit of the indices along an axis of a reshape's input, and along one of its output: `index / stride % count`.
struct ReshapeFactor: Hashable {
    var count: Int
    var inputAxis: Int
    var inputStride: Int
    var outputAxis: Int
    var outputStride: Int

    var source: SlotAxis { .input(0, axis: inputAxis) }
    var target: SlotAxis { .output(0, axis: outputAxis) }

    /// The factors of each block of a reshape whose sizes divide one another.
    static func blocks(from input: Shape, to output: Shape) -> [[ReshapeFactor]] {
        guard !input.dimensions.contains(0) else { return [] }
        return ReshapeBlock.blocks(from: input, to: output).compactMap { $0.factors(from: input, to: output) }
    }
}

extension [ReshapeFactor] {
    /// The factor that numbers heads, in a block of which some axes do. The innermost one does, as a batch or windows
    /// that share their axis come before.
    func numberingHeads(_ isHeadAxis: (SlotAxis) -> Bool) -> ReshapeFactor? {
        last { isHeadAxis($0.source) || isHeadAxis($0.target) }
    }
}

/// The factors of one block of a reshape, and which of them are followed.
private struct ReshapeChoice {
    let factors: [ReshapeFactor]
    let input: Shape
    let output: Shape
    let heads: HeadAxes?

    init(_ factors: [ReshapeFactor], input: Shape, output: Shape, heads: HeadAxes?) {
        self.factors = factors
        self.input = input
        self.output = output
        self.heads = heads
    }

    /// Those factors that both of their axes pass on.
    var links: [AxisLink] {
        factors.filter { chosen(ofInput: $0.inputAxis) == $0 && chosen(ofOutput: $0.outputAxis) == $0 }.map(link)
    }

    private var head: ReshapeFactor? { heads.flatMap { heads in factors.numberingHeads(heads.axes.contains) } }

    private func chosen(ofInput axis: Int) -> ReshapeFactor? {
        let parts = factors.filter { $0.inputAxis == axis }
        if parts.count < 2 { return parts.first }
        if let choice = chosenByHeads(parts) { return choice }
        if axis == 0, let channels = parts.first(where: { $0.outputAxis == 1 }) { return channels }
        // Two parts before spatial axes are groups of channels. Otherwise something is inside each channel: the image
        // that a vector is unfolded into, or the block of pixels of a sub-pixel convolution.
        let isGrouping = parts.count == 2 && input.rank > 2
        return axis <= 1 && !isGrouping ? parts.first : parts.last
    }

    private func chosen(ofOutput axis: Int) -> ReshapeFactor? {
        let parts = factors.filter { $0.outputAxis == axis }
        if parts.count < 2 { return parts.first }
        if let choice = chosenByHeads(parts) { return choice }
        if axis == 0, let channels = parts.first(where: { $0.inputAxis == 1 }) { return channels }
        return parts[0].inputAxis <= 1 ? parts.first : parts.last
    }

    /// The heads where they are asked for; otherwise what is inside of them.
    private func chosenByHeads(_ parts: [ReshapeFactor]) -> ReshapeFactor? {
        guard let heads, let head, parts.contains(head) else { return nil }
        return heads.channels == .heads ? head : parts.last { $0 != head }
    }

    private func link(_ factor: ReshapeFactor) -> AxisLink {
        let (source, target) = (factor.source, factor.target)
        switch (input[factor.inputAxis] == factor.count, output[factor.outputAxis] == factor.count) {
        case (true, true): return AxisLink(source, target)
        case (true, false): return link(whole: source, part: target, of: output, factor.outputStride, factor.count)
        case (false, true): return link(whole: target, part: source, of: input, factor.inputStride, factor.count)
        case (false, false):
            return AxisLink(
                source, target,
                .digit(
                    count: factor.count, sourceStride: factor.inputStride, targetStride: factor.outputStride))
        }
    }

    private func link(whole: SlotAxis, part: SlotAxis, of shape: Shape, _ stride: Int, _ count: Int) -> AxisLink {
        if stride * count == shape[part.axis] { return AxisLink(whole, part, .blocks(size: stride)) }
        if stride == 1 { return AxisLink(part, whole, .modulo(count)) }
        return AxisLink(part, whole, .digit(count: count, sourceStride: stride, targetStride: 1))
    }
}
