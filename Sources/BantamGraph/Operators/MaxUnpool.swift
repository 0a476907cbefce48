/// Puts the maxima that ``MaxPool`` found back in their places, with zeros around them: `[N, C, ...]` to `[N, C, ...]`.
///
/// Without `output_shape` the output is as small as the pool's input may have been; the places are positions in a
/// tensor of that shape. Badrinarayanan et al., *SegNet*, 2017.
struct MaxUnpool: Operator {
    static let name = "MaxUnpool"
    static let inputs: [InputSlot] = [.activation("X"), .activation("I"), .optional(.setting("output_shape"))]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let smallest = try smallest(of: node)
        guard node.hasInput(2) else { return [smallest] }
        let shape = try node.checkedShape(try node.constantInts(2, called: "output_shape"))
        guard shape.rank == smallest.rank, zip(shape.dimensions, smallest.dimensions).allSatisfy({ $0 >= $1 }) else {
            throw node.mismatch("output_shape is \(shape); \(smallest) or more is needed")
        }
        return [shape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        try node.checkIndices(1)
        return [try floatingPointDType(of: node)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .opaque("the places of the maxima depend on the number of channels")
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let smallest = try smallest(of: node)
        let flat = ATenArgument.ints([-1])
        var calls = CallSequence()
        let numbers = calls.append("aten::reshape", "", .input(0), flat)
        let places = calls.append("aten::reshape", "", .input(1), flat)
        let zeros = calls.append(
            "aten::zeros", "", .ints([smallest.elementCount]), .dtype(node.inputDType(0)))
        let filled = calls.append("aten::scatter", "src", zeros, .int(0), places, numbers)
        let whole = calls.append("aten::reshape", "", filled, .ints(smallest.dimensions))
        let output = node.outputShape(0)
        if output != smallest {
            let missing = zip(output.dimensions, smallest.dimensions).map { $0 - $1 }
            calls.pad(whole, begin: missing.map { _ in 0 }, end: missing, with: .int(0))
        }
        return calls.lowering
    }

    /// The shape that the window's positions just cover.
    private static func smallest(of node: NodeContext) throws(GraphError) -> Shape {
        let input = node.inputShape(0)
        guard input.rank >= 3, node.inputShape(1) == input else {
            throw node.mismatch("X of shape \(input) and I of shape \(node.inputShape(1)) do not go together")
        }
        let rank = input.rank - 2
        let setting = 1...SlidingWindow.largestSetting
        let kernel = try node.windowSetting("kernel_shape", count: rank, default: 1, in: setting)
        let strides = try node.windowSetting("strides", count: rank, default: 1, in: setting)
        let pads = try node.windowSetting("pads", count: 2 * rank, default: 0, in: 0...SlidingWindow.largestSetting)
        return try node.checkedShape(
            input.dimensions.prefix(2)
                + (0..<rank).map { axis in
                    (input[axis + 2] - 1) * strides[axis] + kernel[axis] - pads[axis] - pads[rank + axis]
                })
    }

    static var examples: [OperatorExample] {
        let places = TensorData([1, 1, 2, 2], [5, 7, 13, 15] as [Int64])
        return [
            OperatorExample(
                [[1, 1, 2, 2], .data(places)],
                attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
        ]
    }
}
