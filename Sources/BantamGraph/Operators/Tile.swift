/// Repeats the whole tensor a number of times along each axis.
struct Tile: Movement {
    static let name = "Tile"
    static let inputs: [InputSlot] = [.activation("input"), .setting("repeats")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let repeats = try node.constantInts(1, called: "repeats")
        guard repeats.count == input.rank else {
            throw node.mismatch("\(repeats.count) repeats for the \(input.rank) axes of \(input)")
        }
        var dimensions: [Int] = []
        for (size, count) in zip(input.dimensions, repeats) {
            let (product, overflow) = size.multipliedReportingOverflow(by: count)
            dimensions.append(overflow ? -1 : product)
        }
        return [try node.checkedShape(dimensions)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .sameAxes(node) { node.inputShape(0)[$0] == node.outputShape(0)[$0] }
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::tile", .input(0), .ints(try node.constantInts(1, called: "repeats")))]
    }

    static var examples: [OperatorExample] {
        [OperatorExample([[2, 3], .ints([1, 2])]), OperatorExample([[1, 2, 1, 3, 3], .ints([2, 1, 3, 1, 1])])]
    }
}
