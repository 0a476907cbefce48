/// Cuts a tensor into parts along one axis.
///
/// The parts' sizes come from the attribute `split` (up to opset 12) or an input (since). Without them the parts are
/// equal; `num_outputs` (opset 18) lets the last one be smaller.
struct Split: Movement {
    static let name = "Split"
    static let inputs: [InputSlot] = [.activation("input"), .optional(.setting("split"))]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let axis = try node.axis(default: 0)
        return try partSizes(of: node, size: node.inputShape(0)[axis]).map { size in
            var shape = node.inputShape(0)
            shape[axis] = size
            return shape
        }
    }

    /// Channel `i` of an output is channel `start + i` of the input.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let cut = node.checkedAxis(default: 0)
            let parts = try parts(of: node, axis: cut)
            return .links(
                parts.enumerated().flatMap { index, part in
                    (0..<node.inputShape(0).rank).map { axis in
                        AxisLink(
                            .output(index, axis: axis), .input(0, axis: axis),
                            axis == cut ? .offset(part.lowerBound) : .same)
                    }
                })
        } catch {
            return .opaque(error.message)
        }
    }

    /// Parts that have become unequal must be listed.
    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        let axis = old.checkedAxis(default: 0)
        let sizes = new.outputTypes.map { Int64($0.shape[axis]) }
        guard sizes != old.outputTypes.map({ Int64($0.shape[axis]) }) else { return .unchanged }
        return NodeSettings(
            attributes: ["split": nil, "num_outputs": nil], inputs: [1: TensorData([sizes.count], sizes)])
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axis = node.checkedAxis(default: 0)
        let calls = try parts(of: node, axis: axis).map { part in
            ATenCall("aten::narrow", .input(0), .int(axis), .int(part.lowerBound), .int(part.count))
        }
        return Lowering(calls, outputs: calls.indices.map { .result($0) })
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        guard let data = node.constant(0) else { return nil }
        let axis = node.checkedAxis(default: 0)
        return try parts(of: node, axis: axis).map { data.selecting(Array($0), alongAxis: axis) }
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 6, 4, 5]], attributes: ["axis": .int(1)], outputCount: 2),
            OperatorExample([[2, 6, 3], .ints([1, 5])], attributes: ["axis": .int(-2)], outputCount: 2),
            OperatorExample(
                [[1, 4, 2, 3, 3]], attributes: ["axis": .int(1), "split": .ints([3, 1])], outputCount: 2),
            OperatorExample([[7, 2]], attributes: ["num_outputs": .int(3)], outputCount: 3),
        ]
    }

    private static func partSizes(of node: NodeContext, size: Int) throws(GraphError) -> [Int] {
        let input = node.hasInput(1) ? try node.constantInts(1, called: "split") : nil
        if let sizes = node.ints("split") ?? input {
            guard sizes.allSatisfy({ (0...size).contains($0) }), sizes.reduce(0, +) == size else {
                throw node.mismatch("the parts \(sizes) do not add up to \(size)")
            }
            return sizes
        }
        let count = node.int("num_outputs", default: node.node.outputs.count)
        guard count > 0, count <= max(size, 1), node.node.attributes["num_outputs"] != nil || size % count == 0 else {
            throw node.mismatch("\(size) elements cannot be cut into \(count) equal parts")
        }
        let part = (size + count - 1) / count
        guard part * (count - 1) <= size else {
            throw node.mismatch("\(size) elements cannot be cut into \(count) parts of \(part)")
        }
        return Array(repeating: part, count: count - 1) + [size - part * (count - 1)]
    }

    /// What each output takes; an output that nobody reads has its part all the same.
    private static func parts(of node: NodeContext, axis: Int) throws(GraphError) -> [Range<Int>] {
        var start = 0
        return try shapes(of: node).prefix(node.node.outputs.count).map { shape in
            defer { start += shape[axis] }
            return start..<start + shape[axis]
        }
    }
}
