/// Quantizes to uint8 with the scale and zero point that fit this very tensor: `scale = (max - min) / 255`, where zero
/// always lies between `min` and `max` and is represented exactly.
struct DynamicQuantizeLinear: Operator {
    static let name = "DynamicQuantizeLinear"
    static let inputs: [InputSlot] = [.activation("x")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [node.inputShape(0), .scalar, .scalar] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        guard node.inputDType(0) == .float32 else {
            throw node.dtypeMismatch("it takes float32, not \(node.inputDType(0).rawValue)")
        }
        return [.uint8, .float32, .uint8]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .links((0..<node.inputShape(0).rank).map { AxisLink(.input(0, axis: $0), .output(0, axis: $0)) })
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axes = ATenArgument.ints(Array(0..<node.inputShape(0).rank))
        var calls = CallSequence()
        let largest = calls.append("aten::amax", "", .input(0), axes)
        let upper = calls.append("aten::clamp_min", "", largest, .double(0))
        let smallest = calls.append("aten::amin", "", .input(0), axes)
        let lower = calls.append("aten::clamp_max", "", smallest, .double(0))
        let range = calls.append("aten::sub", "Tensor", upper, lower)
        let step = calls.append("aten::div", "Scalar", range, .double(255))
        // A tensor of zeros has no range; any scale serves.
        let isZero = calls.append("aten::eq", "Scalar", step, .double(0))
        let scale = calls.append("aten::masked_fill", "Scalar", step, isZero, .double(1))
        let origin = calls.append("aten::div", "Tensor", lower, scale)
        let negated = calls.append("aten::neg", "", origin)
        let rounded = calls.append("aten::round", "", negated)
        let offset = calls.append("aten::clamp", "", rounded, .double(0), .double(255))
        let zeroPoint = calls.append("aten::to", "dtype", offset, .dtype(.uint8))
        let scaled = calls.append("aten::div", "Tensor", .input(0), scale)
        let number = calls.append("aten::round", "", scaled)
        let shifted = calls.append("aten::add", "Tensor", number, offset)
        let quantized = calls.appendSaturation(of: shifted, to: .uint8)
        return Lowering(calls.calls, outputs: [quantized, scale, zeroPoint])
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5]], outputCount: 3),
            OperatorExample([.random([1, 2, 2, 3, 3], in: 0.5...3)], outputCount: 3),
        ]
    }
}
