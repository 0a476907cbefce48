/// Samples images or clips at given places: `[N, C, ...]` by a grid `[N, ..., spatial rank]` to `[N, C, ...]`.
///
/// A place is given from -1 to 1 along each spatial axis, the last axis first. Jaderberg et al., *Spatial Transformer
/// Networks*, NeurIPS 2015.
struct GridSample: Operator {
    static let name = "GridSample"
    static let inputs: [InputSlot] = [.activation("X"), .activation("grid")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let (input, grid) = (node.inputShape(0), node.inputShape(1))
        guard input.rank >= 3, grid.rank == input.rank, grid[0] == input[0], grid[grid.rank - 1] == input.rank - 2
        else {
            throw node.mismatch("a grid of shape \(grid) does not go with an input of shape \(input)")
        }
        return [Shape(input.dimensions.prefix(2) + grid.dimensions.dropFirst().dropLast())]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node, slots: 0...1)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .passThrough(axes: 0...1)
            .adding([AxisLink(.input(1, axis: 0), .output(0, axis: 0))])
            .adding((2..<node.inputShape(0).rank).map { AxisLink(.input(1, axis: $0 - 1), .output(0, axis: $0)) })
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let rank = node.inputShape(0).rank - 2
        guard (2...3).contains(rank) else { throw node.unsupported("sampling along \(rank) spatial axes") }
        // Named anew in opset 20.
        let modes = ["linear": 0, "bilinear": 0, "nearest": 1, "cubic": 2, "bicubic": 2]
        let name = node.string("mode", default: "linear")
        guard let mode = modes[name], mode < 2 || rank == 2 else {
            throw node.unsupported("mode \(name) along \(rank) spatial axes")
        }
        let paddings = ["zeros": 0, "border": 1, "reflection": 2]
        let paddingName = node.string("padding_mode", default: "zeros")
        guard let padding = paddings[paddingName] else { throw node.unsupported("padding_mode \(paddingName)") }
        return [
            ATenCall(
                "aten::grid_sampler_\(rank)d", .input(0), .input(1), .int(mode), .int(padding),
                .bool(node.int("align_corners", default: 0) != 0))
        ]
    }

    static var examples: [OperatorExample] {
        let grid = OperatorExample.Input.random([2, 3, 5, 2], in: -1.3...1.3)
        return [
            OperatorExample([[2, 3, 4, 6], grid]),
            OperatorExample(
                [[2, 3, 4, 6], grid],
                attributes: ["padding_mode": .string("border"), "align_corners": .int(1)]),
            OperatorExample([[2, 3, 4, 6], grid], attributes: ["padding_mode": .string("reflection")]),
            // A clip: [N, C, T, H, W].
            OperatorExample([[1, 2, 3, 4, 4], .random([1, 2, 3, 3, 3], in: -1.2...1.2)]),
        ]
    }
}
