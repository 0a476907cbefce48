/// `y = clamp(round(x / scale), lowest, highest) * scale`: the numbers that are left when `x` is stored as integers.
///
/// Not an operator of ONNX: it stands in a graph while it is trained for INT8, and no file holds it. The limits count
/// from the integer that means zero. One scale serves the whole tensor, or one index along `axis`.
///
/// Its derivatives are those of the identity within the limits (straight through), of zero beyond them, and for the
/// scale `round(x / scale) - x / scale` within and the limit beyond, times `gradient_factor`.
///
/// - Reference: Esser et al., *Learned Step Size Quantization*, ICLR 2020; Bengio et al., *Estimating or Propagating
///   Gradients Through Stochastic Neurons for Conditional Computation*, 2013.
struct FakeQuantize: Operator {
    static let name = "FakeQuantize"
    static let unpacksWeights = true
    static let domain = Operators.ownDomain
    static let inputs: [InputSlot] = [.operand("x"), .bias("scale")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let (shape, scale) = (node.inputShape(0), node.inputShape(1))
        let axis = try axis(of: node)
        guard scale == [axis.map { shape[$0] } ?? 1] else {
            throw node.mismatch("scales \(scale) for \(shape)" + (axis.map { " along axis \($0)" } ?? ""))
        }
        return [shape]
    }

    private static func axis(of node: NodeContext) throws(GraphError) -> Int? {
        guard node.node.attributes["axis"] != nil else { return nil }
        return try node.axis(node.int("axis", default: 0), rank: node.inputShape(0).rank)
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let scales = try axis(of: node).map { AxisLink(.input(1, axis: 0), .output(0, axis: $0)) }
            return .passThrough(axes: 0..<node.inputShape(0).rank).adding(scales.map { [$0] } ?? [])
        } catch {
            return .opaque(error.message)
        }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        // Without a derivative the scale stays as it is, also under momentum.
        let scale = node.mode == .frozenTraining ? calls.append("aten::detach", "", .input(1)) : .input(1)
        calls.append(
            "bantam::fake_quantize", "", .input(0), scale, try axis(of: node).map(ATenArgument.int) ?? .none,
            .double(Double(node.int("lowest", default: -128))), .double(Double(node.int("highest", default: 127))),
            .double(Double(node.float("gradient_factor", default: 1))))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let scales = OperatorExample.Input.weight([3])
        let limits: [(String, Attribute)] = [("lowest", .int(-7)), ("highest", .int(7))]
        return [
            OperatorExample([[2, 3, 4, 5], .constant(TensorData([1], [0.01] as [Float]))]),
            OperatorExample(
                [.weight([3, 2, 3]), scales],
                attributes: .init(uniqueKeysWithValues: limits + [("axis", .int(0))])),
            OperatorExample(
                [[2, 3, 4, 3, 5], scales],
                attributes: .init(
                    uniqueKeysWithValues: limits + [("axis", .int(1)), ("gradient_factor", .float(0.5))])),
        ]
    }
}
