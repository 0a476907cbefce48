/// The largest element of each window: `[N, C, ...]` to `[N, C, ...]`. Padding never wins.
///
/// A second output tells where each stood: its position in the whole input.
struct MaxPool: WindowedPool {
    static let name = "MaxPool"

    /// The second output holds positions.
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        node.node.outputs.count > 1 ? .never : .whereAll([0])
    }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let shape = Shape(node.inputShape(0).dimensions.prefix(2) + (try window(of: node).output))
        return [shape, shape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [node.inputDType(0), .int64] }

    /// The places of the maxima are positions in the whole input, which mean something else when channels go.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        node.node.outputs.count > 1
            ? .opaque("the places of the maxima depend on the number of channels") : .passThrough(axes: 0...1)
    }

    static func quantization(of node: NodeContext) -> QuantizationRole { .transparent }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] {
        // ATen remembers where the maxima were, in int64.
        [.input(0), .intermediate(TensorType(.int64, node.outputShape(0)))]
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let hasPlaces = node.node.outputs.count > 1
        let function = "aten::max_pool\(try node.spatialRank())d" + (hasPlaces ? "_with_indices" : "")
        let window = try window(of: node)
        let (kernel, strides) = (ATenArgument.ints(window.kernel), ATenArgument.ints(window.strides))
        let dilations = ATenArgument.ints(window.dilations)
        var calls = CallSequence()
        let padding = directPadding(of: window)
        if let padding {
            calls.append(function, "", .input(0), kernel, strides, .ints(padding), dilations, roundsUp(window))
        } else {
            let padded = window.pad(.input(0), with: try lowest(node.inputDType(0), of: node), in: &calls)
            calls.append(
                function, "", padded, kernel, strides,
                .ints(Array(repeating: 0, count: window.input.count)), dilations, .bool(false))
        }
        guard hasPlaces else { return calls.lowering }
        let pool = calls.calls.count - 1
        let places = places(.result(pool, 1), of: window, isPadded: padding == nil, in: node, &calls)
        return Lowering(calls.calls, outputs: [.result(pool, 0), places])
    }

    /// Turns ATen's positions within one image, padded or not, into ONNX's positions in the whole tensor.
    private static func places(
        _ positions: ATenArgument, of window: SlidingWindow, isPadded: Bool, in node: NodeContext,
        _ calls: inout CallSequence
    ) -> ATenArgument {
        let rank = window.input.count
        let image = Shape(window.input)
        let padded = Shape(
            (0..<rank).map { axis in
                isPadded
                    ? image[axis] + window.padsBegin[axis] + window.padsEnd[axis] + window.overhang[axis] : image[axis]
            })
        // With storage_order 1 the first spatial axis is the innermost.
        let isColumnMajor = node.int("storage_order", default: 0) != 0
        let strides = isColumnMajor ? Array(Shape(window.input.reversed()).strides.reversed()) : image.strides
        let planes = node.inputShape(0).dimensions.prefix(2).reduce(1, *)
        let starts = (0..<planes).map { Int64($0 * image.elementCount) }
        let plane = TensorData(
            Shape(node.inputShape(0).dimensions.prefix(2) + Array(repeating: 1, count: rank)), starts)
        var sum = ATenArgument.constant(plane)
        for axis in 0..<rank {
            let outer = calls.append(
                "aten::div", "Scalar_mode", positions, .int(padded.strides[axis]), .string("floor"))
            let coordinate = calls.append("aten::remainder", "Scalar", outer, .int(padded[axis]))
            let place = calls.append(
                "aten::sub", "Scalar", coordinate, .int(isPadded ? window.padsBegin[axis] : 0))
            sum = calls.append("aten::add", "Tensor", sum, place, .int(strides[axis]))
        }
        return sum
    }

    /// The number that loses against any other.
    private static func lowest(_ dtype: DType, of node: NodeContext) throws(GraphError) -> ATenArgument {
        switch dtype {
        case .int8, .uint8, .float16, .bfloat16, .float32, .float64: dtype.extremes?.lowest ?? .int(0)
        default: throw node.unsupported("uneven padding of \(dtype.rawValue)")
        }
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample(
                [[2, 3, 8, 8]], attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]),
            // Uneven padding, rounded up.
            OperatorExample(
                [[1, 2, 8, 7]],
                attributes: [
                    "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "pads": .ints([0, 1, 1, 0]),
                    "ceil_mode": .int(1),
                ]),
            OperatorExample(
                [[1, 2, 9, 9]],
                attributes: [
                    "kernel_shape": .ints([3, 2]), "dilations": .ints([2, 3]), "pads": .ints([1, 1, 1, 0]),
                ]),
            OperatorExample(
                [[2, 2, 7, 5]],
                attributes: [
                    "kernel_shape": .ints([3, 2]), "strides": .ints([2, 1]), "pads": .ints([1, 0, 0, 1]),
                ], outputCount: 2),
            OperatorExample(
                [[1, 2, 6, 5]], attributes: ["kernel_shape": .ints([2, 3]), "storage_order": .int(1)], outputCount: 2),
            OperatorExample(
                [[1, 2, 9]], attributes: ["kernel_shape": .ints([4]), "auto_pad": .string("SAME_UPPER")]),
            // A clip: [N, C, T, H, W].
            OperatorExample(
                [[1, 2, 4, 7, 7]],
                attributes: [
                    "kernel_shape": .ints([1, 3, 3]), "strides": .ints([1, 2, 2]), "pads": .ints([0, 1, 1, 0, 1, 1]),
                ]),
        ]
    }
}
