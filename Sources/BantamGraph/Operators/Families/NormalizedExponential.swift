/// `Softmax` or its logarithm, along one axis.
///
/// Up to opset 12 the default axis was 1 and all axes after it were normalized together; reading such a model
/// rewrites it to this form.
protocol NormalizedExponential: Operator {
    static var function: String { get }
}

extension NormalizedExponential {
    static var inputs: [InputSlot] { [.activation("input")] }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        _ = try node.axis(default: -1)
        return [node.inputShape(0)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let rank = node.inputShape(0).rank
        guard rank > 1 else { return .opaque("\(name) relates every entry to all others") }
        let axis = node.checkedAxis(default: -1)
        return .passThrough(axes: (0..<rank).filter { $0 != axis })
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.output(0)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall(function, overload: "int", .input(0), .int(try node.axis(default: -1)))]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[4, 10]]),
            OperatorExample([[2, 3, 4, 5]], attributes: ["axis": .int(1)]),
            OperatorExample([[2, 3, 2, 4, 5]], attributes: ["axis": .int(-2)]),
        ]
    }
}
