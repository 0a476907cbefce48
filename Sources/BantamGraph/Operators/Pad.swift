/// Puts elements before and after those there are, along each axis; a negative number takes elements away.
///
/// They are a constant, or with `mode` repeat the edge, reflect what lies behind it, or (opset 19) wrap around.
struct Pad: Movement {
    static let name = "Pad"
    static let inputs: [InputSlot] = [
        .activation("data"), .setting("pads"), .optional(.setting("constant_value")), .optional(.setting("axes")),
    ]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        guard let mode = try? mode(of: node), mode == .constant else { return .whereAll([0]) }
        guard let fill = try? fillValue(of: node), fill == 0 else { return .never }
        return .whereAll([0])
    }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let mode = try mode(of: node)
        let padding = try padding(of: node)
        var dimensions: [Int] = []
        for axis in input.dimensions.indices {
            let (before, after) = padding[axis]
            // Far beyond any image, and small enough to add up.
            guard before.magnitude < 1 << 32, after.magnitude < 1 << 32 else {
                throw node.mismatch("padding of \(before) and \(after) along axis \(axis)")
            }
            let longest = mode == .constant ? Int.max : mode == .reflect ? input[axis] - 1 : input[axis]
            let isLimited = mode == .reflect || mode == .wrap
            guard !isLimited || max(before, after) <= max(longest, 0), mode == .constant || input[axis] > 0 else {
                throw node.mismatch(
                    "padding of \(before) and \(after) by mode \(mode.rawValue) along axis \(axis) of \(input)")
            }
            dimensions.append(input[axis] + before + after)
        }
        return [try node.checkedShape(dimensions)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let padding = try padding(of: node)
            // Zeros are as good as channels that are zero.
            let (mode, fill) = (try mode(of: node), try fillValue(of: node))
            let fillsWithZeros = mode == .constant && fill == 0
            return .links(
                padding.enumerated().compactMap { axis, amount in
                    guard amount == (0, 0) || fillsWithZeros && amount.before >= 0 && amount.after >= 0 else {
                        return nil
                    }
                    return AxisLink(
                        .input(0, axis: axis), .output(0, axis: axis),
                        amount.before == 0 && amount.after == 0 ? .same : .offset(amount.before))
                })
        } catch {
            return .opaque(error.message)
        }
    }

    /// Along an axis that has lost channels, as many zeros are put as there are channels left without a source.
    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        let rank = old.inputShape(0).rank
        var amounts = try padding(of: old)
        var isChanged = false
        for axis in 0..<rank where amounts[axis] != (0, 0) {
            let outputs = new.remaining(.output(0, axis: axis), of: old.outputShape(0)[axis])
            let inputs = new.remaining(.input(0, axis: axis), of: old.inputShape(0)[axis])
            let before = outputs.count { $0 < amounts[axis].before }
            let changed = (before: before, after: outputs.count - inputs.count - before)
            isChanged = isChanged || changed != amounts[axis]
            amounts[axis] = changed
        }
        guard isChanged else { return .unchanged }
        let axes = try old.axes(slot: 3, rank: rank) ?? Array(0..<rank)
        let pads = axes.map { Int64(amounts[$0].before) } + axes.map { Int64(amounts[$0].after) }
        return NodeSettings(inputs: [1: TensorData([pads.count], pads)])
    }

    /// Only a value that integers represent exactly at any scale may come in.
    static func quantization(of node: NodeContext) -> QuantizationRole {
        do {
            return try mode(of: node) != .constant || fillValue(of: node) == 0 ? .transparent : .float
        } catch {
            return .float
        }
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let mode = try mode(of: node)
        let padding = try padding(of: node)
        guard mode != .constant else {
            // ATen lists the last axis first.
            let amounts = padding.reversed().flatMap { [$0.before, $0.after] }
            return [ATenCall("aten::constant_pad_nd", .input(0), .ints(amounts), .double(try fillValue(of: node)))]
        }
        // ATen's own functions take some ranks and axes only; selecting by index takes all.
        var calls = CallSequence()
        var result = ATenArgument.input(0)
        for (axis, amount) in padding.enumerated() where amount != (0, 0) {
            let size = node.inputShape(0)[axis]
            let sources = (-amount.before..<size + amount.after).map { Int64(mode.source(of: $0, size: size)) }
            result = calls.append(
                "aten::index_select", "", result, .int(axis), .constant(TensorData([sources.count], sources)))
        }
        return calls.calls.isEmpty ? .alias(.input(0)) : calls.lowering
    }

    static var examples: [OperatorExample] {
        let value = OperatorExample.Input.constant(TensorData(scalar: 1.5 as Float))
        return [
            OperatorExample([[2, 3, 4, 5], .ints([0, 0, 1, 2, 0, 0, 1, 0])]),
            OperatorExample([[1, 2, 3, 4, 4], .ints([0, 1, 0, 0, -1, 0, 0, 1, 2, 0]), value]),
            OperatorExample([[2, 3, 4, 5], .ints([2, 1, 1, 3]), .absent, .ints([-1, 2])]),
            OperatorExample(
                [[2, 3, 4, 5], .ints([0, 0, 1, 2, 0, 0, 3, 0])], attributes: ["mode": .string("reflect")]),
            OperatorExample([[1, 2, 3, 4], .ints([0, 0, 2, 1, 0, 1, 0, 4])], attributes: ["mode": .string("edge")]),
            OperatorExample([[2, 3, 4], .ints([0, 0, 2, 0, 0, 1])], attributes: ["mode": .string("wrap")]),
        ]
    }

    private enum Mode: String {
        case constant, reflect, edge, wrap

        /// The element that stands at `place`, which may lie outside of `0..<size`.
        func source(of place: Int, size: Int) -> Int {
            switch self {
            case .constant, .edge: min(max(place, 0), size - 1)
            case .reflect: place < 0 ? -place : place < size ? place : 2 * (size - 1) - place
            case .wrap: (place + size) % size
            }
        }
    }

    private static func mode(of node: NodeContext) throws(GraphError) -> Mode {
        let name = node.string("mode", default: "constant")
        guard let mode = Mode(rawValue: name) else { throw node.unsupported("padding of mode \(name)") }
        return mode
    }

    /// One pair for each axis of the input.
    private static func padding(of node: NodeContext) throws(GraphError) -> [(before: Int, after: Int)] {
        let rank = node.inputShape(0).rank
        let amounts = try node.constantInts(1, called: "pads")
        let axes = try node.axes(slot: 3, rank: rank) ?? Array(0..<rank)
        guard amounts.count == 2 * axes.count else {
            throw node.mismatch("\(amounts.count) pads for \(axes.count) axes; it takes two for each")
        }
        var padding = [(before: Int, after: Int)](repeating: (0, 0), count: rank)
        for (index, axis) in axes.enumerated() { padding[axis] = (amounts[index], amounts[index + axes.count]) }
        return padding
    }

    private static func fillValue(of node: NodeContext) throws(GraphError) -> Double {
        guard node.hasInput(2) else { return 0 }
        guard let value = node.constant(2) else { throw .dynamicSetting("constant_value", of: node.node) }
        guard value.elementCount == 1 else { throw node.mismatch("constant_value has shape \(value.shape)") }
        switch value.dtype {
        case .float32: return Double(value.elements(of: Float.self)[0])
        case .int64, .int32: return Double(try node.constantInts(2, called: "constant_value")[0])
        default: throw node.unsupported("a constant_value of type \(value.dtype.rawValue)")
        }
    }
}
