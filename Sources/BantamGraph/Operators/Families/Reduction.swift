/// An operator that joins all elements along some axes into one.
///
/// `axes` is an attribute up to opset 12 (`ReduceSum`) or 17 (the others), and an input since. Without it all axes
/// are reduced, or none where `noop_with_empty_axes` is set.
protocol Reduction: Operator {
    /// Whether zeros among the elements change nothing, as in a sum. Channels may then end in the reduction: what a
    /// removed one had to say is no longer heard. A mean, a maximum or a product would be another one.
    static var ignoresZeros: Bool { get }

    /// The calls that reduce input 0 along `axes`, of which there is at least one.
    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering
}

extension Reduction {
    static var ignoresZeros: Bool { false }

    static var inputs: [InputSlot] { [.activation("data"), .optional(.setting("axes"))] }

    /// The reduced axes, counted from the start.
    static func axes(of node: NodeContext) throws(GraphError) -> [Int] {
        let rank = node.inputShape(0).rank
        let axes = try node.axes(rank: rank) ?? []
        return axes.isEmpty && node.int("noop_with_empty_axes", default: 0) == 0 ? Array(0..<rank) : axes
    }

    static func keepsAxes(_ node: NodeContext) -> Bool { node.int("keepdims", default: 1) != 0 }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let axes = try axes(of: node)
        let dimensions = input.dimensions.indices.map { axes.contains($0) ? 1 : input[$0] }
        guard !keepsAxes(node) else { return [Shape(dimensions)] }
        return [Shape(dimensions.indices.filter { !axes.contains($0) }.map { dimensions[$0] })]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let axes = try axes(of: node)
            let flow = ChannelFlow.reduced(node, axes: axes, keepingAxes: keepsAxes(node))
            return ignoresZeros ? flow.adding(axes.map { .ending(.input(0, axis: $0)) }) : flow
        } catch {
            return .opaque(error.message)
        }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .output(0)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axes = try axes(of: node)
        return axes.isEmpty ? .alias(.input(0)) : try reduce(node, axes: axes, keepingAxes: keepsAxes(node))
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5]], attributes: ["axes": .ints([2, 3])]),
            OperatorExample([[2, 3, 4, 5], .ints([-1, 1])], attributes: ["keepdims": .int(0)]),
            OperatorExample([[1, 2, 3, 4, 5], .ints([2, 3, 4])]),
            OperatorExample([[2, 3]], attributes: ["keepdims": .int(0)]),
        ]
    }
}

extension CallSequence {
    /// The sum of `argument`, which has the type of the node's input 0, along axes.
    @discardableResult
    mutating func sum(
        _ argument: ATenArgument, axes: [Int], keepingAxes: Bool, of node: NodeContext
    ) -> ATenArgument {
        // Without a type, sums of small integers would come out in int64.
        append(
            "aten::sum", "dim_IntList", argument, .ints(axes), .bool(keepingAxes), .dtype(node.inputDType(0)))
    }
}

extension ChannelFlow {
    /// The axes that are not reduced go on, in the places that remain.
    static func reduced(_ node: NodeContext, axes: [Int], keepingAxes: Bool) -> ChannelFlow {
        let kept = node.inputShape(0).dimensions.indices.filter { !axes.contains($0) }
        return .links(
            kept.enumerated().map { position, axis in
                AxisLink(.input(0, axis: axis), .output(0, axis: keepingAxes ? axis : position))
            })
    }
}
