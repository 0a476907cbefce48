/// Where a window lies as it slides over the spatial axes of `[N, C, ...]`: the arithmetic of convolutions and pools.
///
/// Every list has one entry for each spatial axis; there may be any number of them.
///
/// ```
/// extent = dilation * (kernel - 1) + 1
/// output = floor((input + begin + end - extent) / stride) + 1
/// ```
///
/// `auto_pad` is resolved to numbers. With `ceil_mode` the division rounds up, but windows that would start in the
/// padding at the end are left out, as in PyTorch.
struct SlidingWindow: Equatable, Sendable {
    var input: [Int]
    var kernel: [Int]
    var strides: [Int]
    var dilations: [Int]
    var padsBegin: [Int]
    var padsEnd: [Int]
    /// The number of positions of the window.
    var output: [Int]

    /// Larger settings are errors of the model, and would overflow the arithmetic.
    static let largestSetting = 1 << 24

    /// Reads `strides`, `dilations`, `pads`, `auto_pad` and `ceil_mode`.
    ///
    /// - Throws: `shapeMismatch` when a list has the wrong length, or the window does not fit.
    init(of node: NodeContext, over input: [Int], kernel: [Int]) throws(GraphError) {
        let rank = input.count
        self.input = input
        self.kernel = kernel
        strides = try node.windowSetting("strides", count: rank, default: 1, in: 1...Self.largestSetting)
        dilations = try node.windowSetting("dilations", count: rank, default: 1, in: 1...Self.largestSetting)
        let pads = try node.windowSetting("pads", count: 2 * rank, default: 0, in: 0...Self.largestSetting)
        padsBegin = Array(pads[..<rank])
        padsEnd = Array(pads[rank...])
        output = []
        let autoPad = node.string("auto_pad", default: "NOTSET")
        switch autoPad {
        case "NOTSET", "": break
        case "VALID":
            padsBegin = Array(repeating: 0, count: rank)
            padsEnd = padsBegin
        case "SAME_UPPER", "SAME_LOWER": padToKeepSize(largerEndFirst: autoPad == "SAME_LOWER")
        default: throw node.unsupported("auto_pad \(autoPad)")
        }
        try place(roundingUp: node.int("ceil_mode", default: 0) != 0, in: node)
    }

    /// Pads so that the output has `ceil(input / stride)` positions.
    private mutating func padToKeepSize(largerEndFirst: Bool) {
        for axis in input.indices {
            let positions = (input[axis] + strides[axis] - 1) / strides[axis]
            let total = max(0, (positions - 1) * strides[axis] + extents[axis] - input[axis])
            padsBegin[axis] = largerEndFirst ? total - total / 2 : total / 2
            padsEnd[axis] = total - padsBegin[axis]
        }
    }

    private mutating func place(roundingUp: Bool, in node: NodeContext) throws(GraphError) {
        for axis in input.indices {
            let padded = input[axis] + padsBegin[axis] + padsEnd[axis]
            guard extents[axis] <= padded else {
                throw node.mismatch(
                    "a window of \(extents[axis]) does not fit the \(padded) entries, padding included, of axis "
                        + "\(axis + 2) of \(node.inputShape(0))")
            }
            let travel = padded - extents[axis]
            var positions = travel / strides[axis] + 1
            if roundingUp, travel % strides[axis] != 0,
                positions * strides[axis] < input[axis] + padsBegin[axis]
            {
                positions += 1
            }
            output.append(positions)
        }
    }

    // MARK: Derived

    /// The entries from a window's first to its last.
    var extents: [Int] { zip(kernel, dilations).map { ($0 - 1) * $1 + 1 } }

    var kernelVolume: Int { kernel.reduce(1, *) }

    /// The padding on either side, where it is the same on both.
    var symmetricPads: [Int]? { padsBegin == padsEnd ? padsBegin : nil }

    /// How far the last window reaches beyond the padded input; 0 without `ceil_mode`.
    var overhang: [Int] {
        input.indices.map { axis in
            let end = (output[axis] - 1) * strides[axis] + extents[axis]
            return max(0, end - input[axis] - padsBegin[axis] - padsEnd[axis])
        }
    }

    /// How many entries of each window along one axis lie in the input, or in the input and its padding.
    func entryCounts(axis: Int, includingPads: Bool) -> [Int] {
        let valid =
            includingPads
            ? -padsBegin[axis]..<input[axis] + padsEnd[axis]
            : 0..<input[axis]
        return (0..<output[axis]).map { position in
            let start = position * strides[axis] - padsBegin[axis]
            return (0..<kernel[axis]).count { valid.contains(start + $0 * dilations[axis]) }
        }
    }

    /// Writes the padding into `argument`, the node's input or made from it; the window then needs none, not even for
    /// the overhang.
    func pad(_ argument: ATenArgument, with value: ATenArgument, in calls: inout CallSequence) -> ATenArgument {
        calls.pad(argument, begin: padsBegin, end: zip(padsEnd, overhang).map { $0 + $1 }, with: value)
    }
}

extension CallSequence {
    /// Pads the last axes of `argument`, or crops them where a number is negative.
    @discardableResult
    mutating func pad(
        _ argument: ATenArgument, begin: [Int], end: [Int], with value: ATenArgument
    ) -> ATenArgument {
        // ATen lists the last axis first.
        let pads = zip(begin, end).reversed().flatMap { [$0, $1] }
        return append("aten::constant_pad_nd", "", argument, .ints(pads), value)
    }
}

extension NodeContext {
    /// A list attribute of a window, one entry for each spatial axis (or two).
    func windowSetting(
        _ name: String, count: Int, default defaultValue: Int, in range: ClosedRange<Int>
    ) throws(GraphError) -> [Int] {
        guard let values = ints(name), !values.isEmpty else { return Array(repeating: defaultValue, count: count) }
        guard values.count == count else {
            throw mismatch(
                "\(name) has \(values.count) entries; an input of shape \(inputShape(0)) needs \(count)")
        }
        guard let wrong = values.first(where: { !range.contains($0) }) else { return values }
        throw mismatch("\(name) contains \(wrong); \(range.lowerBound) to \(range.upperBound) is possible")
    }
}
