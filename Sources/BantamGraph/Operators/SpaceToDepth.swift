/// Gathers space into channels: `[N, C, b·H, b·W]` to `[N, b²·C, H, W]`, the place within a block outermost.
struct SpaceToDepth: Movement {
    static let name = "SpaceToDepth"
    static let inputs: [InputSlot] = [.activation("input")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let block = node.int("blocksize", default: 0)
        guard input.rank == 4, (1...65_536).contains(block), input[2].isMultiple(of: block),
            input[3].isMultiple(of: block)
        else { throw node.mismatch("\(input) cannot be cut into blocks of \(block); expected [N, C, b·H, b·W]") }
        return [[input[0], input[1] * block * block, input[2] / block, input[3] / block]]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .links([
            AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
            AxisLink(.output(0, axis: 1), .input(0, axis: 1), .modulo(node.inputShape(0)[1])),
        ])
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let (input, output) = (node.inputShape(0), node.outputShape(0))
        let block = node.int("blocksize", default: 0)
        var calls = CallSequence()
        let blocks = calls.append(
            "aten::reshape", "", .input(0), .ints([input[0], input[1], output[2], block, output[3], block]))
        let ordered = calls.append("aten::permute", "", blocks, .ints([0, 3, 5, 1, 2, 4]))  // [N, b, b, C, H, W]
        calls.append("aten::reshape", "", ordered, .ints(output.dimensions))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 6]], attributes: ["blocksize": .int(2)]),
            OperatorExample([[1, 1, 6, 3]], attributes: ["blocksize": .int(3)]),
        ]
    }
}
