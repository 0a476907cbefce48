/// Local response normalization: divides each element by a power of the mean square over neighbouring channels.
///
/// ```
/// y[c] = x[c] / (bias + alpha / size * sum of x[i]² over the size channels i around c) ^ beta
/// ```
///
/// Krizhevsky et al., *ImageNet Classification with Deep Convolutional Neural Networks*, NeurIPS 2012.
struct LRN: Operator {
    static let name = "LRN"
    static let inputs: [InputSlot] = [.activation("X")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        guard node.inputShape(0).rank >= 2 else {
            throw node.mismatch("an input of shape \(node.inputShape(0)) has no channel axis")
        }
        guard (1...SlidingWindow.largestSetting).contains(node.int("size", default: 0)) else {
            throw node.mismatch("size is \(node.int("size", default: 0)); it must be 1 or more")
        }
        return [node.inputShape(0)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    /// A channel that went would change its neighbours.
    static func channelFlow(of node: NodeContext) -> ChannelFlow { .sameAxes(node) { $0 != 1 } }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .output(0)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let shape = node.inputShape(0)
        let (size, inner) = (node.int("size", default: 1), shape.dimensions.dropFirst(2).reduce(1, *))
        func setting(_ name: String, _ value: Float) -> ATenArgument {
            .double(Double(node.float(name, default: value)))
        }
        var calls = CallSequence()
        let squares = calls.append("aten::mul", "Tensor", .input(0), .input(0))
        let rows = calls.append("aten::reshape", "", squares, .ints([shape[0], 1, shape[1], inner]))
        let padded = calls.pad(rows, begin: [(size - 1) / 2, 0], end: [size / 2, 0], with: .int(0))
        let means = calls.append("aten::avg_pool2d", "", padded, .ints([size, 1]), .ints([1, 1]))
        let weighed = calls.append("aten::mul", "Scalar", means, setting("alpha", 0.0001))
        let base = calls.append("aten::add", "Scalar", weighed, setting("bias", 1))
        let divisor = calls.append("aten::pow", "Tensor_Scalar", base, setting("beta", 0.75))
        let laidOut = calls.append("aten::reshape", "", divisor, .ints(shape.dimensions))
        calls.append("aten::div", "Tensor", .input(0), laidOut)
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 6, 3, 4]], attributes: ["size": .int(3), "alpha": .float(0.5), "beta": .float(0.6)]),
            OperatorExample([[2, 5, 4, 3]], attributes: ["size": .int(5), "alpha": .float(2), "bias": .float(2)]),
        ]
    }
}
