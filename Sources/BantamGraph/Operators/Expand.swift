/// Repeats a tensor along axes of size 1, so that it has the shape it broadcasts to together with the target.
struct Expand: Movement {
    static let name = "Expand"
    static let unpacksWeights = true
    static let inputs: [InputSlot] = [.activation("input"), .setting("shape")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let target = try node.checkedShape(try node.constantInts(1, called: "shape"))
        guard let shape = node.inputShape(0).broadcast(with: target) else {
            throw node.mismatch("\(node.inputShape(0)) does not expand to \(target)")
        }
        return [shape]
    }

    /// What is repeated along an axis is the same everywhere, so that any of it may go.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let (input, output) = (node.inputShape(0), node.outputShape(0))
        let added = output.rank - input.rank
        return .links(
            output.dimensions.indices.map { axis in
                axis >= added && input[axis - added] == output[axis]
                    ? AxisLink(.input(0, axis: axis - added), .output(0, axis: axis))
                    : .ending(.output(0, axis: axis))
            })
    }

    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        .outputSizes(slot: 1, of: old, resizedTo: new)
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::expand", .input(0), .ints(node.outputShape(0).dimensions))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        guard let data = node.movableConstant(0) else { return nil }
        return [data.expanded(to: try shapes(of: node)[0])]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 1, 1], .ints([2, 3, 4, 5])]),
            OperatorExample([[3, 1], .ints([2, 1, 4])]),
            OperatorExample([[1, 2, 1, 3, 3], .ints([1, 1, 4, 1, 1])]),
        ]
    }
}
