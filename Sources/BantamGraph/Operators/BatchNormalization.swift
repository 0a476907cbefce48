/// Normalizes each channel of `[N, C, ...]` by stored statistics, or while training by those of the batch.
///
/// ```
/// y = scale * (x - mean) / sqrt(variance + epsilon) + bias
/// running = momentum * running + (1 - momentum) * batch
/// ```
///
/// In training the stored statistics are updated in place. As in PyTorch, the running variance is that of the sample
/// (divided by n - 1), where ONNX's text divides by n. Ioffe and Szegedy, *Batch Normalization*, ICML 2015.
struct BatchNormalization: Operator {
    static let name = "BatchNormalization"
    static let inputs: [InputSlot] = [
        .activation("X"), .weight("scale"), .bias("B"), .statistic("input_mean"), .statistic("input_var"),
    ]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        try checkOnePerChannel(slots: 1...4, of: node)
        return [node.inputShape(0), node.inputShape(3), node.inputShape(4)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node), node.inputDType(3), node.inputDType(4)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let statistics = (1..<3).filter { $0 < node.node.outputs.count }
        return .passThrough(axes: 0..<node.inputShape(0).rank)
            .adding((1...4).map { AxisLink(.input($0, axis: 0), .output(0, axis: 1)) })
            .adding(statistics.map { AxisLink(.output($0, axis: 0), .output(0, axis: 1)) })
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        if node.mode == .inference, node.int("training_mode", default: 0) != 0 {
            throw node.unsupported(
                "training_mode 1 outside of training (export the model in evaluation mode)")
        }
        let call = ATenCall(
            "aten::batch_norm", .input(0), .input(1), .input(2), .input(3), .input(4), .bool(node.mode == .training),
            // ATen's momentum is the share of the new value.
            .double(1 - Double(node.float("momentum", default: 0.9))),
            .double(Double(node.float("epsilon", default: 1e-5))), .bool(false))
        return Lowering([call], outputs: [.result(0), .input(3), .input(4)])
    }

    static var examples: [OperatorExample] {
        let statistics: [OperatorExample.Input] = [
            .weight([3]), .weight([3]), .constant(TensorData([3], [0.1, -0.2, 0.3] as [Float])),
            .constant(TensorData([3], [0.5, 1, 2] as [Float])),
        ]
        return [
            OperatorExample([[2, 3, 4, 5]] + statistics),
            OperatorExample([[2, 3, 2, 4, 5]] + statistics, attributes: ["epsilon": .float(1e-3)]),
            OperatorExample([[4, 3]] + statistics),
        ]
    }
}
