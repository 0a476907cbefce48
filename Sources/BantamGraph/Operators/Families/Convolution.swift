/// What `Conv` and `ConvInteger` have in common: input `[N, C, ...]`, weight `[M, C / group, ...]`, output
/// `[N, M, ...]`.
struct Convolution {
    let window: SlidingWindow
    let group: Int
    /// Input channels that each output channel reads.
    let channelsRead: Int
    let outputShape: Shape

    /// - Throws: `shapeMismatch` when input, weight and attributes do not agree.
    init(of node: NodeContext) throws(GraphError) {
        let input = node.inputShape(0)
        let weight = node.inputShape(1)
        group = node.int("group", default: 1)
        try Self.checkRanks(of: node)
        guard group >= 1, weight[0] >= 1, weight[1] >= 1, weight[0] % group == 0 else {
            throw node.mismatch("a weight of shape \(weight) cannot be split into \(group) groups")
        }
        guard input[1] % group == 0, input[1] / group == weight[1] else {
            throw node.mismatch("the input has \(input[1]) channels, the weight takes \(weight[1]) x group \(group)")
        }
        channelsRead = weight[1]
        let kernel = try Self.kernel(of: node)
        window = try SlidingWindow(of: node, over: Array(input.dimensions[2...]), kernel: kernel)
        outputShape = Shape([input[0], weight[0]] + window.output)
    }

    static func checkRanks(of node: NodeContext) throws(GraphError) {
        let input = node.inputShape(0)
        let weight = node.inputShape(1)
        guard input.rank >= 3, input.rank == weight.rank else {
            throw node.mismatch(
                "an input of shape \(input) and a weight of shape \(weight) do not go together; both need the same "
                    + "rank, of 3 or more")
        }
    }

    /// The weight's spatial extents.
    static func kernel(of node: NodeContext) throws(GraphError) -> [Int] {
        let kernel = Array(node.inputShape(1).dimensions[2...])
        if let stated = node.ints("kernel_shape"), stated != kernel {
            throw node.mismatch("kernel_shape is \(Shape(stated)), but the weight has \(Shape(kernel))")
        }
        guard kernel.allSatisfy({ (1...SlidingWindow.largestSetting).contains($0) }) else {
            throw node.mismatch("the weight has shape \(node.inputShape(1)); its window is empty or too large")
        }
        return kernel
    }

    /// - Parameter perOutput: Slots that hold one number for each output channel.
    static func channelFlow(of node: NodeContext, perOutput: [Int]) -> ChannelFlow {
        let weight = node.inputShape(1)
        let group = node.int("group", default: 1)
        let input = SlotAxis.input(0, axis: 1)
        let produced = SlotAxis.input(1, axis: 0)
        let consumed = SlotAxis.input(1, axis: 1)
        var links = [
            AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
            AxisLink(produced, .output(0, axis: 1)),
        ]
        links += perOutput.filter(node.hasInput).map { AxisLink(produced, .input($0, axis: 0)) }
        if group == 1 {
            links.append(AxisLink(input, consumed))
        } else if weight[1] == 1 {
            // Depthwise: each input channel has its own filters.
            let multiplier = weight[0] / group
            links.append(AxisLink(input, produced, multiplier == 1 ? .same : .blocks(size: multiplier)))
        } else {
            links.append(AxisLink(input, consumed, .modulo(weight[1])))
            links.append(AxisLink(produced, produced, .modulo(weight[0] / group)))
        }
        return .links(links)
    }

    /// A depthwise convolution has as many groups as channels; in others each group loses alike.
    static func settings(of old: NodeContext, resizedTo new: NodeContext) -> NodeSettings {
        guard old.int("group", default: 1) > 1 else { return .unchanged }
        return NodeSettings(attributes: ["group": .int(new.inputShape(0)[1] / new.inputShape(1)[1])])
    }

    static func cost(of node: NodeContext) -> Cost {
        let weight = node.inputShape(1)
        return Cost(macs: node.outputElements(0) * (weight.elementCount / weight[0]))
    }

    /// Appends the calls that convolve `input`, the node's input 0 or made from it, with `weight`.
    @discardableResult
    func lower(
        _ input: ATenArgument, weight: ATenArgument, bias: ATenArgument, in calls: inout CallSequence
    ) -> ATenArgument {
        let none = Array(repeating: 0, count: window.input.count)
        var input = window.symmetricPads == nil ? window.pad(input, with: .int(0), in: &calls) : input
        var strides = window.strides
        if skipsFewChannels {
            for (axis, stride) in strides.enumerated() where stride > 1 {
                input = calls.append(
                    "aten::slice", "Tensor", input, .int(axis + 2), .int(0), .int(window.input[axis]), .int(stride))
            }
            strides = strides.map { _ in 1 }
        }
        return calls.append(
            "aten::convolution", "", input, weight, bias, .ints(strides), .ints(window.symmetricPads ?? none),
            .ints(window.dilations), .bool(false), .ints(none), .int(group))
    }

    /// Whether this is a 1 x 1 window that leaves out pixels of fewer than 16 channels. They are left out beforehand
    /// then: where channels lie innermost, libtorch 2.13's oneDNN writes past the end of memory in the backward pass of
    /// such a convolution.
    private var skipsFewChannels: Bool {
        group == 1 && channelsRead < 16 && window.kernel.allSatisfy { $0 == 1 }
            && (window.padsBegin + window.padsEnd).allSatisfy { $0 == 0 } && window.strides.contains { $0 > 1 }
    }
}
