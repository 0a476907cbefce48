/// The grid of places that an affine map sends the places of an image or a clip to, for ``GridSample``.
///
/// `theta` is `[N, 2, 3]` or `[N, 3, 4]`; `size` is the shape of the image, `[N, C, H, W]`, or clip, `[N, C, T, H, W]`.
struct AffineGrid: Operator {
    static let name = "AffineGrid"
    static let inputs: [InputSlot] = [.activation("theta"), .setting("size")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let size = try node.checkedShape(try node.constantInts(1, called: "size"))
        let rank = size.rank - 2
        guard (2...3).contains(rank), node.inputShape(0) == [size[0], rank, rank + 1] else {
            throw node.mismatch("theta of shape \(node.inputShape(0)) makes no grid for \(size)")
        }
        return [Shape([size[0]] + size.dimensions.dropFirst(2) + [rank])]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try floatingPointDType(of: node)] }
    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(axes: [0]) }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [
            ATenCall(
                "aten::affine_grid_generator", .input(0), .ints(try node.constantInts(1, called: "size")),
                .bool(node.int("align_corners", default: 0) != 0))
        ]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 2, 3], .ints([2, 3, 4, 5])]),
            OperatorExample([[1, 3, 4], .ints([1, 2, 2, 3, 4])], attributes: ["align_corners": .int(1)]),
        ]
    }
}
