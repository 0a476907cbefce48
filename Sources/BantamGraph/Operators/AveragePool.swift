/// The mean of each window: `[N, C, ...]` to `[N, C, ...]`. Padding counts only with `count_include_pad`.
struct AveragePool: WindowedPool {
    static let name = "AveragePool"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    static func quantization(of node: NodeContext) -> QuantizationRole { .integer(inputs: [.activation]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let rank = try node.spatialRank()
        let window = try window(of: node)
        let countsPads = node.int("count_include_pad", default: 0) != 0
        let pool = "aten::avg_pool\(rank)d"
        let (kernel, strides) = (ATenArgument.ints(window.kernel), ATenArgument.ints(window.strides))
        let isDilated = window.dilations.contains { $0 > 1 }
        if let padding = directPadding(of: window), !isDilated {
            return [
                ATenCall(pool, .input(0), kernel, strides, .ints(padding), roundsUp(window), .bool(countsPads))
            ]
        }
        // The mean over whole windows of the padded input, then corrected for the entries that do not count.
        var calls = CallSequence()
        let padded = window.pad(.input(0), with: .int(0), in: &calls)
        let mean: ATenArgument
        if isDilated {
            mean = window.dilatedMean(padded, channels: node.inputShape(0)[1], in: &calls)
        } else {
            mean = calls.append(pool, "", padded, kernel, strides)
        }
        if let correction = correction(of: window, countingPads: countsPads, countingOverhang: isDilated) {
            let factors = calls.append("aten::type_as", "", .constant(correction), .input(0))
            calls.append("aten::mul", "Tensor", mean, factors)
        }
        return calls.lowering
    }

    /// What the mean over a whole window must be multiplied by: its volume by its number of entries that count.
    ///
    /// - Returns: A tensor of shape `[1, 1, ...]`, or `nil` when all entries count everywhere.
    private static func correction(
        of window: SlidingWindow, countingPads: Bool, countingOverhang: Bool
    ) -> TensorData? {
        // Where pads count, ONNX counts what a dilated window has beyond them too; PyTorch, which has none that are
        // dilated, never does.
        if countingPads && countingOverhang { return nil }
        var factors: [Float] = [1]
        for axis in window.input.indices {
            let counts = window.entryCounts(axis: axis, includingPads: countingPads)
            factors = factors.flatMap { factor in
                counts.map { factor * Float(window.kernel[axis]) / Float(max($0, 1)) }
            }
        }
        return factors.allSatisfy { $0 == 1 } ? nil : TensorData(Shape([1, 1] + window.output), factors)
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample(
                [[2, 3, 8, 8]], attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]),
            // Uneven padding, which does not count.
            OperatorExample(
                [[1, 2, 7, 8]],
                attributes: [
                    "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "auto_pad": .string("SAME_UPPER"),
                ]),
            OperatorExample(
                [[1, 2, 9]],
                attributes: ["kernel_shape": .ints([3]), "pads": .ints([1, 1]), "count_include_pad": .int(1)]),
            // A clip: [N, C, T, H, W].
            OperatorExample(
                [[1, 2, 4, 6, 6]],
                attributes: [
                    "kernel_shape": .ints([2, 3, 3]), "strides": .ints([2, 2, 2]), "pads": .ints([0, 1, 0, 0, 0, 1]),
                    "count_include_pad": .int(1),
                ]),
        ]
    }
}
