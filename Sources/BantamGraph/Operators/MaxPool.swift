/// The largest element of each window: `[N, C, ...]` to `[N, C, ...]`. Padding never wins.
struct MaxPool: WindowedPool {
    static let name = "MaxPool"

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        if node.node.outputs.count > 1 {
            throw node.unsupported("the second output, Indices,")
        }
        return [node.inputDType(0)]
    }

    static func quantization(of node: NodeContext) -> QuantizationRole { .transparent }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] {
        // ATen remembers where the maxima were, in int64.
        [.input(0), .intermediate(TensorType(.int64, node.outputShape(0)))]
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let function = "aten::max_pool\(try node.spatialRank())d"
        let window = try window(of: node)
        let (kernel, strides) = (ATenArgument.ints(window.kernel), ATenArgument.ints(window.strides))
        let dilations = ATenArgument.ints(window.dilations)
        if let padding = directPadding(of: window) {
            return [
                ATenCall(function, .input(0), kernel, strides, .ints(padding), dilations, roundsUp(window))
            ]
        }
        var calls = CallSequence()
        let padded = window.pad(.input(0), with: try lowest(node.inputDType(0), of: node), in: &calls)
        calls.append(
            function, "", padded, kernel, strides,
            .ints(Array(repeating: 0, count: window.input.count)), dilations, .bool(false))
        return calls.lowering
    }

    /// The number that loses against any other.
    private static func lowest(_ dtype: DType, of node: NodeContext) throws(GraphError) -> ATenArgument {
        switch dtype {
        case .int8: .int(Int(Int8.min))
        case .uint8: .int(0)
        case _ where dtype.isFloatingPoint: .double(-.infinity)
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
