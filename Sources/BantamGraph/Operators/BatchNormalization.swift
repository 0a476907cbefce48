/// Normalizes each channel of `[N, C, ...]` by stored statistics, or while training by those of the batch.
///
/// ```
/// y = scale * (x - mean) / sqrt(variance + epsilon) + bias
/// running = momentum * running + (1 - momentum) * batch
/// ```
///
/// With `training_mode` the statistics of the batch are used in inference too, and outputs 1 and 2 are what the stored
/// ones become.
///
/// In training the stored statistics are updated in place. As in PyTorch, the running variance is that of the sample
/// (divided by n - 1), where ONNX's text divides by n. Ioffe and Szegedy, *Batch Normalization*, ICML 2015.
struct BatchNormalization: Operator {
    static let name = "BatchNormalization"
    static let inputs: [InputSlot] = [
        .activation("X"), .weight("scale"), .bias("B"), .statistic("input_mean"), .statistic("input_var"),
    ]

    /// Further outputs are statistics.
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        node.node.outputs.count > 1 ? .never : .whereAll([1, 2])
    }

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
        if node.mode != .training, node.int("training_mode", default: 0) != 0 { return batchStatistics(of: node) }
        let call = ATenCall(
            "aten::batch_norm", .input(0), .input(1), .input(2), .input(3), .input(4), .bool(node.mode == .training),
            // ATen's momentum is the share of the new value.
            .double(1 - Double(node.float("momentum", default: 0.9))),
            .double(Double(node.float("epsilon", default: 1e-5))), .bool(false))
        return Lowering([call], outputs: [.result(0), .input(3), .input(4)])
    }

    /// What `training_mode` asks for outside of training: the batch's statistics, and what the stored ones become.
    private static func batchStatistics(of node: NodeContext) -> Lowering {
        let rank = node.inputShape(0).rank
        let momentum = ATenArgument.double(Double(node.float("momentum", default: 0.9)))
        let axes = ATenArgument.ints((0..<rank).filter { $0 != 1 })
        let epsilon = ATenArgument.double(Double(node.float("epsilon", default: 1e-5)))
        return Lowering(
            [
                ATenCall("aten::var_mean", overload: "correction", .input(0), axes, .int(0), .bool(false)),
                ATenCall(
                    "aten::batch_norm", .input(0), .input(1), .input(2), .result(0, 1), .result(0, 0), .bool(false),
                    .double(0), epsilon, .bool(false)),
                ATenCall("aten::lerp", overload: "Scalar", .result(0, 1), .input(3), momentum),
                ATenCall("aten::lerp", overload: "Scalar", .result(0, 0), .input(4), momentum),
            ],
            outputs: [.result(1), .result(2), .result(3)])
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
