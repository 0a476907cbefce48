/// The running sum along one axis: with `exclusive` without the element itself, with `reverse` from the end.
struct CumSum: Operator {
    static let name = "CumSum"
    static let inputs: [InputSlot] = [.activation("x"), .setting("axis")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        _ = try axis(of: node)
        return [node.inputShape(0)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let axis = try axis(of: node)
            return .sameAxes(node) { $0 != axis }
        } catch {
            return .opaque(error.message)
        }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axis = try axis(of: node)
        let isReversed = node.int("reverse", default: 0) != 0
        var calls = CallSequence()
        var terms = ATenArgument.input(0)
        if isReversed { terms = calls.append("aten::flip", "", terms, .ints([axis])) }
        if node.int("exclusive", default: 0) != 0 {
            // One place on, with zero in front.
            let after = Array(repeating: 0, count: node.inputShape(0).rank - axis - 1)
            terms = calls.pad(terms, begin: [1] + after, end: [-1] + after, with: .int(0))
        }
        // Without a type, sums of small integers would come out in int64.
        let sums = calls.append("aten::cumsum", "", terms, .int(axis), .dtype(node.inputDType(0)))
        if isReversed { calls.append("aten::flip", "", sums, .ints([axis])) }
        return calls.lowering
    }

    private static func axis(of node: NodeContext) throws(GraphError) -> Int {
        let axes = try node.constantInts(1, called: "axis")
        guard axes.count == 1 else { throw node.mismatch("axis has \(axes.count) elements; it must be one number") }
        guard node.inputShape(0).rank > 0 else { throw node.mismatch("a scalar has no axes") }
        return try node.axis(axes[0], rank: node.inputShape(0).rank)
    }

    static var examples: [OperatorExample] {
        func axis(_ axis: Int64) -> OperatorExample.Input { .constant(TensorData(scalar: axis)) }
        return [
            OperatorExample([[2, 3, 4, 5], axis(1)]),
            OperatorExample([[2, 3, 4], axis(-2)], attributes: ["exclusive": .int(1)]),
            OperatorExample([[1, 2, 3, 2, 2], axis(2)], attributes: ["reverse": .int(1), "exclusive": .int(1)]),
            OperatorExample(
                [.data(TensorData([4], [1, 2, 3, 4] as [Int64])), axis(0)], attributes: ["reverse": .int(1)]),
        ]
    }
}
