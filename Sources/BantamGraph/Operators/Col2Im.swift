/// Puts the blocks of an image back in their places, and adds where they overlap: `[N, C · block, L]` to `[N, C, ...]`.
///
/// The inverse of cutting an image into blocks (`unfold` in PyTorch, `fold` back), as token networks do.
struct Col2Im: Operator {
    static let name = "Col2Im"
    static let inputs: [InputSlot] = [.activation("input"), .setting("image_shape"), .setting("block_shape")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let window = try window(of: node)
        guard input.rank == 3, input[1] % window.kernelVolume == 0, input[2] == window.output.reduce(1, *) else {
            throw node.mismatch(
                "an input of shape \(input) is not made of blocks \(Shape(window.kernel)) at \(Shape(window.output)) "
                    + "places; [N, C * \(window.kernelVolume), \(window.output.reduce(1, *))] is needed")
        }
        return [try node.checkedShape([input[0], input[1] / window.kernelVolume] + window.input)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let block = node.inputShape(0)[1] / max(node.outputShape(0)[1], 1)
        return .links([
            AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
            AxisLink(.output(0, axis: 1), .input(0, axis: 1), block == 1 ? .same : .blocks(size: block)),
        ])
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    /// A transposed convolution whose filters each write one element of the block.
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let window = try window(of: node)
        let output = node.outputShape(0)
        // The filters are as many as a block has elements, and as large.
        guard window.kernelVolume <= 4096 else { throw node.unsupported("a block of \(window.kernelVolume) elements") }
        guard (1...3).contains(window.input.count) else { throw node.unsupported("\(window.input.count) spatial axes") }
        let (volume, images) = (window.kernelVolume, output[0] * output[1])
        let filters = TensorData(
            Shape([volume, 1] + window.kernel), (0..<volume * volume).map { $0 % (volume + 1) == 0 ? 1 as Float : 0 })
        let none = Array(repeating: 0, count: window.input.count)
        var calls = CallSequence()
        let blocks = calls.append("aten::reshape", "", .input(0), .ints([images, volume] + window.output))
        let weight = calls.append("aten::type_as", "", .constant(filters), .input(0))
        let whole = calls.append(
            "aten::convolution", "", blocks, weight, .none, .ints(window.strides), .ints(none), .ints(window.dilations),
            .bool(true), .ints(none), .int(1))
        // What reaches beyond the image goes; what no block reaches is zero.
        let ends = window.input.indices.map { axis in
            let covered = (window.output[axis] - 1) * window.strides[axis] + window.extents[axis]
            return window.input[axis] + window.padsBegin[axis] - covered
        }
        let image = calls.pad(whole, begin: window.padsBegin.map { -$0 }, end: ends, with: .int(0))
        calls.append("aten::reshape", "", image, .ints(output.dimensions))
        return calls.lowering
    }

    private static func window(of node: NodeContext) throws(GraphError) -> SlidingWindow {
        let image = try node.constantInts(1, called: "image_shape")
        let block = try node.constantInts(2, called: "block_shape")
        guard image.count == block.count, let volume = Shape(block).checkedElementCount, volume < 1 << 40,
            !image.isEmpty,
            (image + block).allSatisfy({ (1...SlidingWindow.largestSetting).contains($0) })
        else { throw node.mismatch("image_shape \(image) and block_shape \(block) do not go together") }
        return try SlidingWindow(of: node, over: image, kernel: block)
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[1, 8, 9], .ints([6, 6]), .ints([2, 2])], attributes: ["strides": .ints([2, 2])]),
            OperatorExample(
                [[2, 9, 12], .ints([3, 4]), .ints([3, 3])], attributes: ["pads": .ints([1, 1, 1, 1])]),
        ]
    }
}
