/// Transposed convolution, which enlarges: `[N, C, ...]` with a weight `[C, M / group, ...]` gives `[N, M, ...]`.
struct ConvTranspose: Operator {
    static let name = "ConvTranspose"
    static let inputs: [InputSlot] = [.activation("X"), .weight("W"), .optional(.bias("B"))]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([1, 2]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let weight = node.inputShape(1)
        let group = node.int("group", default: 1)
        try Convolution.checkRanks(of: node)
        guard group >= 1, weight[0] >= 1, weight[1] >= 1, weight[0] % group == 0 else {
            throw node.mismatch("a weight of shape \(weight) cannot be split into \(group) groups")
        }
        guard input[1] == weight[0] else {
            throw node.mismatch("the input has \(input[1]) channels, the weight takes \(weight[0])")
        }
        let channels = weight[1] * group
        if node.hasInput(2), node.inputShape(2) != [channels] {
            throw node.mismatch(
                "the bias has shape \(node.inputShape(2)); \(channels) output channels need [\(channels)]")
        }
        return [Shape([input[0], channels] + (try TransposedWindow(of: node).output))]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node, slots: 0...2)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let weight = node.inputShape(1)
        let group = node.int("group", default: 1)
        let consumed = SlotAxis.input(1, axis: 0)
        let produced = SlotAxis.input(1, axis: 1)
        let output = SlotAxis.output(0, axis: 1)
        var links = [
            AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
            AxisLink(.input(0, axis: 1), consumed),
        ]
        if node.hasInput(2) { links.append(AxisLink(output, .input(2, axis: 0))) }
        if group == 1 {
            links.append(AxisLink(output, produced))
        } else if weight[0] == group {
            // Depthwise: each input channel has its own filters.
            links.append(AxisLink(consumed, output, weight[1] == 1 ? .same : .blocks(size: weight[1])))
        } else {
            links.append(AxisLink(output, produced, .modulo(weight[1])))
            links.append(AxisLink(consumed, consumed, .modulo(weight[0] / group)))
        }
        return .links(links)
    }

    /// A depthwise convolution has as many groups as channels; in others each group loses alike.
    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        guard old.int("group", default: 1) > 1 else { return .unchanged }
        return NodeSettings(attributes: ["group": .int(new.outputShape(0)[1] / new.inputShape(1)[1])])
    }

    static func quantization(of node: NodeContext) -> QuantizationRole {
        // The scales along axis 1 serve each group, so a bias of all channels has no scale of that length.
        let bias: QuantizationRole.SlotQuantization = node.int("group", default: 1) == 1 ? .bias : .float
        return .integer(inputs: [.activation, .weight(channelAxis: 1), bias])
    }

    /// Each group of the input channels is summed by itself.
    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        guard slot == 1 else { return nil }
        return ReductionAxis(axis: 0, length: node.inputShape(1)[0] / node.int("group", default: 1))
    }

    /// Each input element meets every filter of its channel, whatever is cropped from the result.
    static func cost(of node: NodeContext) -> Cost {
        let weight = node.inputShape(1)
        return Cost(macs: node.inputShape(0).elementCount * (weight.elementCount / weight[0]))
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        _ = try node.spatialRank()
        let window = try TransposedWindow(of: node)
        // ATen crops both ends alike; what one end loses in addition is cropped afterwards.
        let common = zip(window.padsBegin, window.padsEnd).map { min($0, $1) }
        var calls = CallSequence()
        let whole = calls.append(
            "aten::convolution", "", .input(0), .input(1), node.hasInput(2) ? .input(2) : .none,
            .ints(window.strides), .ints(common), .ints(window.dilations), .bool(true), .ints(window.outputPadding),
            .int(node.int("group", default: 1)))
        if window.padsBegin != window.padsEnd {
            calls.pad(
                whole, begin: zip(common, window.padsBegin).map { $0 - $1 },
                end: zip(common, window.padsEnd).map { $0 - $1 }, with: .int(0))
        }
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample(
                [[2, 4, 5, 6], .weight([4, 3, 3, 3]), .weight([3])],
                attributes: ["strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1]), "output_padding": .ints([1, 0])]),
            // Grouped, cropped unevenly, dilated.
            OperatorExample(
                [[1, 4, 4, 4], .weight([4, 3, 2, 3]), .weight([6])],
                attributes: ["group": .int(2), "pads": .ints([0, 1, 2, 0]), "dilations": .ints([2, 1])]),
            // Depthwise, to a given size.
            OperatorExample(
                [[1, 3, 4, 4], .weight([3, 1, 4, 4])],
                attributes: ["group": .int(3), "strides": .ints([2, 2]), "output_shape": .ints([9, 7])]),
            // A clip: [N, C, T, H, W].
            OperatorExample(
                [[1, 2, 3, 3, 3], .weight([2, 2, 2, 3, 3])],
                attributes: ["strides": .ints([1, 2, 2]), "auto_pad": .string("SAME_UPPER")]),
        ]
    }
}

/// Where the windows of a transposed convolution lie, for each spatial axis.
///
/// ```
/// output = stride * (input - 1) + outputPadding + dilation * (kernel - 1) + 1 - begin - end
/// ```
///
/// Where the output's size is given (`output_shape`, or `auto_pad` `SAME_*`: stride times the input's), the padding
/// follows from it.
struct TransposedWindow: Equatable, Sendable {
    var strides: [Int]
    var dilations: [Int]
    var outputPadding: [Int]
    var padsBegin: [Int]
    var padsEnd: [Int]
    var output: [Int]

    /// - Throws: `shapeMismatch` when an attribute does not fit the input, or nothing would be left.
    init(of node: NodeContext) throws(GraphError) {
        let input = node.inputShape(0).dimensions[2...]
        let rank = input.count
        let largest = SlidingWindow.largestSetting
        let kernel = try Convolution.kernel(of: node)
        strides = try node.windowSetting("strides", count: rank, default: 1, in: 1...largest)
        dilations = try node.windowSetting("dilations", count: rank, default: 1, in: 1...largest)
        outputPadding = try node.windowSetting("output_padding", count: rank, default: 0, in: 0...largest)
        let pads = try node.windowSetting("pads", count: 2 * rank, default: 0, in: 0...largest)
        padsBegin = Array(pads[..<rank])
        padsEnd = Array(pads[rank...])
        let reach = zip(input, zip(strides, zip(kernel, dilations))).map { size, window in
            window.0 * (size - 1) + window.1.1 * (window.1.0 - 1) + 1
        }
        output = zip(reach, zip(outputPadding, zip(padsBegin, padsEnd))).map { $0 + $1.0 - $1.1.0 - $1.1.1 }

        let autoPad = node.string("auto_pad", default: "NOTSET")
        if let target = node.ints("output_shape"), !target.isEmpty {
            // Some exporters list the batch and the channels too.
            guard target.count == rank || target.count == rank + 2 else {
                throw node.mismatch("output_shape \(Shape(target)) needs \(rank) entries, one for each spatial axis")
            }
            pad(reach, to: Array(target.suffix(rank)), largerEndFirst: autoPad != "SAME_UPPER")
        } else if autoPad.hasPrefix("SAME_") {
            pad(reach, to: zip(input, strides).map { $0 * $1 }, largerEndFirst: autoPad != "SAME_UPPER")
        } else if autoPad == "VALID" {
            pad(reach, to: zip(reach, outputPadding).map { $0 + $1 }, largerEndFirst: false)
        } else if autoPad != "NOTSET" {
            throw node.unsupported("auto_pad \(autoPad)")
        }
        try check(node)
    }

    private mutating func pad(_ reach: [Int], to target: [Int], largerEndFirst: Bool) {
        for axis in target.indices {
            let total = max(0, reach[axis] + outputPadding[axis] - target[axis])
            // A window shorter than its stride does not reach the end: the rest is the bias alone.
            outputPadding[axis] = max(outputPadding[axis], target[axis] - reach[axis])
            padsBegin[axis] = largerEndFirst ? total - total / 2 : total / 2
            padsEnd[axis] = total - padsBegin[axis]
        }
        output = target
    }

    private func check(_ node: NodeContext) throws(GraphError) {
        for axis in output.indices {
            guard output[axis] >= 1 else {
                throw node.mismatch("axis \(axis + 2) of the output would have \(output[axis]) entries; pad less")
            }
            guard outputPadding[axis] < max(strides[axis], dilations[axis]) else {
                throw node.mismatch(
                    "\(outputPadding[axis]) entries would be added to the end of axis \(axis + 2); fewer than the "
                        + "stride \(strides[axis]) or the dilation \(dilations[axis]) are possible")
            }
        }
    }
}
