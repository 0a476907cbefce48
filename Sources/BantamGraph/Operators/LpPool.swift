/// The `p`-norm of each window: `[N, C, ...]` to `[N, C, ...]`. Padding counts as zero.
struct LpPool: WindowedPool {
    static let name = "LpPool"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .output(0)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let rank = try node.spatialRank()
        let window = try window(of: node)
        let order = Double(node.int("p", default: 2))
        guard order >= 1 else { throw node.unsupported("the norm of order \(order)") }
        var calls = CallSequence()
        let magnitudes = calls.append("aten::abs", "", .input(0))
        let powers = calls.append("aten::pow", "Tensor_Scalar", magnitudes, .double(order))
        let padded = window.pad(powers, with: .int(0), in: &calls)
        let means: ATenArgument
        if window.dilations.contains(where: { $0 > 1 }) {
            means = window.dilatedMean(padded, channels: node.inputShape(0)[1], in: &calls)
        } else {
            means = calls.append("aten::avg_pool\(rank)d", "", padded, .ints(window.kernel), .ints(window.strides))
        }
        let sums = calls.append("aten::mul", "Scalar", means, .int(window.kernelVolume))
        calls.append("aten::pow", "Tensor_Scalar", sums, .double(1 / order))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample(
                [[2, 3, 8, 7]],
                attributes: ["kernel_shape": .ints([3, 2]), "strides": .ints([2, 2]), "pads": .ints([1, 0, 0, 1])]),
            OperatorExample([[1, 2, 9]], attributes: ["kernel_shape": .ints([4]), "p": .int(3)]),
            // A clip: [N, C, T, H, W].
            OperatorExample([[1, 2, 4, 5, 5]], attributes: ["kernel_shape": .ints([2, 3, 3]), "p": .int(1)]),
        ]
    }
}
