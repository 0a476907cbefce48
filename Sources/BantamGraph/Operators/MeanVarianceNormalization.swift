/// Shifts and scales to mean 0 and variance 1 along `axes`, by default 0, 2 and 3.
struct MeanVarianceNormalization: Operator {
    static let name = "MeanVarianceNormalization"
    static let inputs: [InputSlot] = [.activation("X")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        _ = try axes(of: node)
        return [node.inputShape(0)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let axes = try axes(of: node)
            return .sameAxes(node) { !axes.contains($0) }
        } catch {
            return .opaque(error.message)
        }
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        let axes = ATenArgument.ints(try axes(of: node))
        let variance = calls.append("aten::var_mean", "correction", .input(0), axes, .int(0), .bool(true))
        let centered = calls.append("aten::sub", "Tensor", .input(0), .result(0, 1))
        let deviation = calls.append("aten::sqrt", "", variance)
        let divisor = calls.append("aten::add", "Scalar", deviation, .double(1e-9))
        calls.append("aten::div", "Tensor", centered, divisor)
        return calls.lowering
    }

    private static func axes(of node: NodeContext) throws(GraphError) -> [Int] {
        let rank = node.inputShape(0).rank
        var axes: [Int] = []
        for axis in node.ints("axes") ?? [0, 2, 3] { axes.append(try node.axis(axis, rank: rank)) }
        return axes
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5]]),
            OperatorExample([[1, 2, 3, 4, 4]], attributes: ["axes": .ints([2, 3, 4])]),
        ]
    }
}
