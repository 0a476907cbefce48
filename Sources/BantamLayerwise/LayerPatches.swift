package import BantamGraph
package import BantamTensor

/// The stretches of a layer's input that its weight is multiplied by: the rows of im2col, for any number of axes.
package struct LayerPatches {
    private var strides: [Int] = []
    private var dilations: [Int] = []
    /// Of each spatial axis; empty for a linear layer.
    private var kernel: [Int] = []
    private var padding: [(before: Int, after: Int)] = []

    /// - Parameters:
    ///   - node: A `Conv`, `Gemm` or `MatMul`: ``SingleLayer/hasPatches(_:)``.
    ///   - weight: The shape of its weight.
    ///   - input: The shape of its input.
    package init(of node: Node, weight: Shape, input: Shape) {
        precondition(SingleLayer.hasPatches(node), "\(node.label) has no patches")
        guard node.operatorName == "Conv" else { return }
        kernel = Array(weight.dimensions.dropFirst(2))
        func setting(_ name: String, _ usual: Int, _ count: Int) -> [Int] {
            if case .ints(let numbers)? = node.attributes[name], numbers.count == count { return numbers }
            return [Int](repeating: usual, count: count)
        }
        strides = setting("strides", 1, kernel.count)
        dilations = setting("dilations", 1, kernel.count)
        let pads = setting("pads", 0, 2 * kernel.count)
        var mode = "NOTSET"
        if case .string(let name)? = node.attributes["auto_pad"] { mode = name }
        for axis in kernel.indices {
            switch mode {
            case "VALID": padding.append((0, 0))
            case "SAME_UPPER", "SAME_LOWER":
                let positions = (input[axis + 2] + strides[axis] - 1) / strides[axis]
                let total = max((positions - 1) * strides[axis] + extent(axis) - input[axis + 2], 0)
                let less = total / 2
                padding.append(mode == "SAME_UPPER" ? (less, total - less) : (total - less, less))
            default: padding.append((pads[axis], pads[axis + kernel.count]))
            }
        }
    }

    /// - Parameter input: `[N, C, ...]` of a convolution.
    /// - Returns: How many rows a sample has, and how many numbers a row.
    package func extents(of input: Shape) -> (rows: Int, width: Int) {
        let rows = kernel.indices.reduce(1) { rows, axis in
            let (before, after) = padding[axis]
            return rows * ((input[axis + 2] + before + after - extent(axis)) / strides[axis] + 1)
        }
        return (rows, input[1] * kernel.reduce(1, *))
    }

    private func extent(_ axis: Int) -> Int { dilations[axis] * (kernel[axis] - 1) + 1 }

    /// - Parameters:
    ///   - input: `[N, C, ...]`, or `[..., K]` of a linear layer.
    ///   - limit: About how many rows there may be; positions are left out at equal distances to keep to it.
    ///   - turn: Which of the positions are kept, where some are not: other ones for the next number.
    /// - Returns: `[R, C x kernel]`, one row for each sample and position, with the numbers in the weight's order and the
    ///   input channels of all groups one after another.
    package func rows(of input: Tensor, limit: Int = .max, turn: Int = 0) throws(TorchError) -> Tensor {
        guard !kernel.isEmpty else {
            let rows = try input.reshaped(to: [-1, input.shape[input.rank - 1]])
            let step = rows.shape[0] > limit ? (rows.shape[0] + limit - 1) / limit : 1
            return step > 1 ? try Self.every(step, from: turn, of: rows, axis: 0) : rows
        }
        var windows = input
        if padding.contains(where: { $0 != (0, 0) }) {
            let amounts = padding.reversed().flatMap { [$0.before, $0.after] }
            windows = try Self.pad.tensor(.tensor(input), .ints(amounts), .double(0))
        }
        let rank = kernel.count
        for axis in 0..<rank {  // [N, C, positions, ..., kernel, ...]
            windows = try Self.unfold.tensor(
                .tensor(windows), .int(2 + axis), .int(extent(axis)), .int(strides[axis]))
            if dilations[axis] > 1 {
                windows = try Self.every(dilations[axis], from: 0, of: windows, axis: windows.rank - 1)
            }
        }
        let step = Self.step(windows.shape.dimensions[2..<2 + rank].map { $0 }, limit: limit / max(input.shape[0], 1))
        if step > 1 {
            for axis in 2..<2 + rank { windows = try Self.every(step, from: turn, of: windows, axis: axis) }
        }
        let order = [0] + (2..<2 + rank) + [1] + (2 + rank..<2 + 2 * rank)
        return try windows.permuted(order).reshaped(to: [-1, input.shape[1] * kernel.reduce(1, *)])
    }

    /// The distance at which so many positions are kept of each sample, at least one.
    private static func step(_ positions: [Int], limit: Int) -> Int {
        var step = 1
        while step < positions.max() ?? 1,
            positions.reduce(1, { $0 * (($1 + step - 1) / step) }) > max(limit, 1)
        {
            step += 1
        }
        return step
    }

    private static func every(
        _ step: Int, from turn: Int, of tensor: Tensor, axis: Int
    ) throws(TorchError) -> Tensor {
        let start = turn % min(step, max(tensor.shape[axis], 1))
        return try slice.tensor(.tensor(tensor), .int(axis), .int(start), .int(tensor.shape[axis]), .int(step))
    }

    private static let pad = ATenOperation("aten::constant_pad_nd")
    private static let unfold = ATenOperation("aten::unfold")
    private static let slice = ATenOperation("aten::slice", "Tensor")
}
