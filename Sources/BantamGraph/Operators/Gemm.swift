/// `Y = alpha * A' * B' + beta * C`, where `A'` is `[M, K]`, `B'` is `[K, N]`, each possibly stored transposed, and `C`
/// broadcasts to `[M, N]`: the fully connected layer.
struct Gemm: Operator {
    static let name = "Gemm"
    static let inputs: [InputSlot] = [.activation("A"), .weight("B"), .optional(.bias("C"))]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([1, 2]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let (a, b) = (node.inputShape(0), node.inputShape(1))
        guard a.rank == 2, b.rank == 2 else {
            throw node.mismatch("\(a) and \(b) are not both matrices; flatten the input first")
        }
        let axes = Axes(node)
        guard a[axes.aInner] == b[axes.bInner] else {
            throw node.mismatch("the input has \(a[axes.aInner]) features, the weight takes \(b[axes.bInner])")
        }
        let output: Shape = [a[1 - axes.aInner], b[1 - axes.bInner]]
        if node.hasInput(2), node.inputShape(2).broadcast(with: output) != output {
            throw node.mismatch("the bias has shape \(node.inputShape(2)), which does not broadcast to \(output)")
        }
        return [output]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try sharedDType(of: node, slots: 0...2)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let axes = Axes(node)
        var links = [
            AxisLink(.input(0, axis: axes.aInner), .input(1, axis: axes.bInner)),
            AxisLink(.input(0, axis: 1 - axes.aInner), .output(0, axis: 0)),
            AxisLink(.input(1, axis: 1 - axes.bInner), .output(0, axis: 1)),
        ]
        if node.hasInput(2) { links += ChannelFlow.broadcastLinks(node, slot: 2) }
        return .links(links)
    }

    static func quantization(of node: NodeContext) -> QuantizationRole {
        .integer(inputs: [.activation, .weight(channelAxis: 1 - Axes(node).bInner), .bias])
    }

    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        slot == 1 ? ReductionAxis(Axes(node).bInner, of: node.inputShape(1)) : nil
    }

    static func cost(of node: NodeContext) -> Cost {
        Cost(macs: node.outputElements(0) * node.inputShape(0)[Axes(node).aInner])
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axes = Axes(node)
        let alpha = node.float("alpha", default: 1)
        let beta = node.float("beta", default: 1)
        let hasPlainBias = !node.hasInput(2) || node.inputShape(2) == [node.inputShape(1)[0]]
        if axes.isLinear, alpha == 1, beta == 1, hasPlainBias {
            return [ATenCall("aten::linear", .input(0), .input(1), node.hasInput(2) ? .input(2) : .none)]
        }
        var calls = CallSequence()
        let a = axes.aInner == 0 ? calls.append("aten::t", "", .input(0)) : .input(0)
        let b = axes.bInner == 1 ? calls.append("aten::t", "", .input(1)) : .input(1)
        if node.hasInput(2) {
            calls.append("aten::addmm", "", .input(2), a, b, scalar(beta), scalar(alpha))
        } else {
            let product = calls.append("aten::mm", "", a, b)
            if alpha != 1 { calls.append("aten::mul", "Scalar", product, scalar(alpha)) }
        }
        return calls.lowering
    }

    /// Matrices of integers accept no fractions, not even 1.0.
    private static func scalar(_ value: Float) -> ATenArgument {
        Int(exactly: value).map { .int($0) } ?? .double(Double(value))
    }

    /// The axes that are summed over, as `transA` and `transB` place them.
    private struct Axes {
        let aInner: Int
        let bInner: Int

        init(_ node: NodeContext) {
            aInner = node.int("transA", default: 0) == 0 ? 1 : 0
            bInner = node.int("transB", default: 0) == 0 ? 0 : 1
        }

        /// Whether the weight lies as PyTorch's linear layers have it: `[N, K]`.
        var isLinear: Bool { aInner == 1 && bInner == 1 }
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[3, 4], .weight([5, 4]), .weight([5])], attributes: ["transB": .int(1)]),
            OperatorExample([[3, 4], .weight([4, 5])], attributes: ["alpha": .float(0.5)]),
            OperatorExample(
                [[4, 3], .weight([4, 5]), .weight([3, 1])],
                attributes: ["transA": .int(1), "alpha": .float(2), "beta": .float(0.25)]),
            OperatorExample(
                [[4, 3], .weight([5, 4]), .weight([1, 5])], attributes: ["transA": .int(1), "transB": .int(1)]),
        ]
    }
}
