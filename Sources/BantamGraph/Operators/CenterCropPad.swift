/// Crops or pads with zeros, evenly at both ends, so that the axes have the given sizes.
struct CenterCropPad: Movement {
    static let name = "CenterCropPad"
    static let inputs: [InputSlot] = [.activation("input_data"), .setting("shape")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        [try node.checkedShape(try sizes(of: node))]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .sameAxes(node) { node.inputShape(0)[$0] == node.outputShape(0)[$0] }
    }

    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        .outputSizes(slot: 1, of: old, resizedTo: new, axes: try axes(of: old))
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let changes = zip(try sizes(of: node), node.inputShape(0).dimensions).map { $0 - $1 }
        // Of an odd number of entries the larger half goes, or comes, at the end.
        let begin = changes.map { $0 / 2 }
        var calls = CallSequence()
        calls.pad(.input(0), begin: begin, end: zip(changes, begin).map { $0 - $1 }, with: .int(0))
        return calls.lowering
    }

    /// The size of each axis.
    private static func sizes(of node: NodeContext) throws(GraphError) -> [Int] {
        var sizes = node.inputShape(0).dimensions
        let given = try node.constantInts(1, called: "shape")
        let axes = try axes(of: node)
        guard given.count == axes.count else {
            throw node.mismatch("shape has \(given.count) sizes for \(axes.count) axes of \(node.inputShape(0))")
        }
        for (axis, size) in zip(axes, given) { sizes[axis] = size }
        return sizes
    }

    private static func axes(of node: NodeContext) throws(GraphError) -> [Int] {
        let rank = node.inputShape(0).rank
        return try node.axes(slot: 2, rank: rank) ?? Array(0..<rank)
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[5, 4], .ints([2, 7])]),
            OperatorExample([[1, 2, 3, 5, 6], .ints([6, 3])], attributes: ["axes": .ints([3, 4])]),
        ]
    }
}
