/// Normalizes each channel of each sample of `[N, C, ...]` over its spatial axes, then scales and shifts it.
///
/// Ulyanov et al., *Instance Normalization*, 2016.
struct InstanceNormalization: Operator {
    static let name = "InstanceNormalization"
    static let inputs: [InputSlot] = [.activation("input"), .weight("scale"), .bias("B")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([1, 2]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        try checkOnePerChannel(slots: 1...2, of: node)
        guard node.inputShape(0).rank >= 3 else {
            throw node.mismatch("an input of shape \(node.inputShape(0)) has no spatial axis to normalize over")
        }
        return [node.inputShape(0)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node, slots: 0...2)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .passThrough(axes: 0...1).adding((1...2).map { AxisLink(.input($0, axis: 0), .output(0, axis: 1)) })
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let epsilon = Double(node.float("epsilon", default: 1e-5))
        return [
            ATenCall(
                "aten::instance_norm", .input(0), .input(1), .input(2), .none, .none, .bool(true), .double(0),
                .double(epsilon), .bool(false))
        ]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5], .weight([3]), .weight([3])]),
            OperatorExample([[2, 3, 2, 4, 5], .weight([3]), .weight([3])], attributes: ["epsilon": .float(1e-2)]),
        ]
    }
}
