/// Spreads channels over space: `[N, C·b², H, W]` to `[N, C, b·H, b·W]`.
///
/// In mode `DCR` the place within a block is the outer part of the channel's number, in mode `CRD` (PyTorch's
/// `PixelShuffle`) the inner one.
struct DepthToSpace: Movement {
    static let name = "DepthToSpace"
    static let inputs: [InputSlot] = [.activation("input")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let block = node.int("blocksize", default: 0)
        let mode = node.string("mode", default: "DCR")
        guard mode == "DCR" || mode == "CRD" else { throw node.unsupported("mode \(mode)") }
        guard input.rank == 4, (1...65_536).contains(block), input[1].isMultiple(of: block * block) else {
            throw node.mismatch("blocks of \(block) x \(block) cannot be made from \(input); expected [N, C·b², H, W]")
        }
        return [[input[0], input[1] / (block * block), input[2] * block, input[3] * block]]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let channels = node.outputShape(0)[1]
        let channelLink =
            isPixelShuffle(node)
            ? AxisLink(.output(0, axis: 1), .input(0, axis: 1), .blocks(size: node.inputShape(0)[1] / channels))
            : AxisLink(.input(0, axis: 1), .output(0, axis: 1), .modulo(channels))
        return .links([AxisLink(.input(0, axis: 0), .output(0, axis: 0)), channelLink])
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let (input, output) = (node.inputShape(0), node.outputShape(0))
        let block = node.int("blocksize", default: 0)
        let space = [input[2], input[3]]
        let (parts, order) =
            isPixelShuffle(node)
            ? ([input[0], output[1], block, block] + space, [0, 1, 4, 2, 5, 3])
            : ([input[0], block, block, output[1]] + space, [0, 3, 4, 1, 5, 2])
        var calls = CallSequence()
        let blocks = calls.append("aten::reshape", "", .input(0), .ints(parts))
        let ordered = calls.append("aten::permute", "", blocks, .ints(order))  // [N, C, H, b, W, b]
        calls.append("aten::reshape", "", ordered, .ints(output.dimensions))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 8, 2, 3]], attributes: ["blocksize": .int(2)]),
            OperatorExample([[1, 18, 2, 2]], attributes: ["blocksize": .int(3), "mode": .string("CRD")]),
        ]
    }

    private static func isPixelShuffle(_ node: NodeContext) -> Bool { node.string("mode", default: "DCR") == "CRD" }
}
