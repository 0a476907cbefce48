/// `y = x` where `x >= 0`, else `slope * x`; the learned slope broadcasts to `x`. He et al., *Delving Deep into
/// Rectifiers*, ICCV 2015.
struct PRelu: Operator {
    static let name = "PRelu"
    static let inputs: [InputSlot] = [.activation("X"), .weight("slope")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        guard node.inputShape(1).broadcast(with: input) == input else {
            throw node.mismatch("slope has shape \(node.inputShape(1)), which does not broadcast to \(input)")
        }
        return [input]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node, slots: 0...1)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .broadcast(node) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        if isPerChannel(node) {
            return [
                ATenCall("aten::reshape", .input(1), .ints([-1])),
                ATenCall("aten::prelu", .input(0), .result(0)),
            ]
        }
        return [
            ATenCall("aten::clamp_min", .input(0), .double(0)),
            ATenCall("aten::clamp_max", .input(0), .double(0)),
            ATenCall("aten::mul", overload: "Tensor", .result(1), .input(1)),
            ATenCall("aten::add", overload: "Tensor", .result(0), .result(2)),
        ]
    }

    /// Whether there is one slope, or one for each index along axis 1: what ATen's function takes.
    private static func isPerChannel(_ node: NodeContext) -> Bool {
        let (input, slope) = (node.inputShape(0), node.inputShape(1))
        guard slope.elementCount != 1 else { return true }
        guard input.rank >= 2, slope.elementCount == input[1] else { return false }
        let channelAxis = slope.rank - (input.rank - 1)
        return channelAxis >= 0 && slope[channelAxis] == input[1]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5], .weight([3, 1, 1])]),
            OperatorExample([[2, 3, 2, 4, 5], .weight([1])]),
            OperatorExample([[2, 3, 4], .weight([3, 4])]),
        ]
    }
}
