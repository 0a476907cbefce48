/// `y = (x - zero_point) · scale`: the real numbers that integers stand for. See ``QuantizeLinear``.
struct DequantizeLinear: Operator {
    static let name = "DequantizeLinear"
    static let unpacksWeights = true
    static let inputs: [InputSlot] = [
        .operand("x"), .setting("x_scale"), .optional(.setting("x_zero_point")),
    ]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        guard node.hasInput(2) else { return .whereAll([0]) }
        return node.constant(2)?.numbers.allSatisfy { $0 == 0 } ?? false ? .whereAll([0]) : .never
    }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        _ = try QuantizationGranularity(of: node)
        return [node.inputShape(0)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        let dtype = try sharedDType(of: node, slots: [0, 2])
        // Biases are int32, at the product of two scales.
        guard dtype.quantizedRange != nil || dtype == .int32 else {
            throw node.dtypeMismatch("it takes integers of 4 to 32 bits, not \(dtype.rawValue)")
        }
        return [try floatingPointDType(of: node, slots: [1])]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            return try QuantizationGranularity(of: node).channelFlow(of: node)
        } catch {
            return .opaque(error.message)
        }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let granularity = try QuantizationGranularity(of: node)
        let dtype = ATenArgument.dtype(node.inputDType(1))
        let shape = node.inputShape(0)
        var calls = CallSequence()
        var number = calls.append("aten::to", "dtype", .input(0), dtype)
        if node.hasInput(2) {
            let real = calls.append("aten::to", "dtype", .input(2), dtype)
            let zeroPoint = granularity.broadcasting(real, over: shape, in: &calls)
            number = calls.append("aten::sub", "Tensor", number, zeroPoint)
        }
        let scale = granularity.broadcasting(.input(1), over: shape, in: &calls)
        calls.append("aten::mul", "Tensor", number, scale)
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let scale = OperatorExample.Input.constant(TensorData(scalar: 0.05 as Float))
        let scales = OperatorExample.Input.constant(TensorData([2], [0.02, 0.1] as [Float]))
        let zeroPoints = OperatorExample.Input.constant(TensorData([2], [0, 5] as [Int8]))
        let bias = TensorData([2], [70_000, -3] as [Int32])
        let weight = TensorData([2, 3], [-128, -1, 0, 1, 64, 127] as [Int8])
        return [
            OperatorExample([
                .data(TensorData([4], [0, 127, 128, 255] as [UInt8])), scale,
                .constant(TensorData(scalar: 128 as UInt8)),
            ]),
            OperatorExample([.constant(weight), scales], attributes: ["axis": .int(0)]),
            OperatorExample([.constant(weight), scales, zeroPoints], attributes: ["axis": .int(0)]),
            OperatorExample(
                [.constant(weight), .constant(TensorData([1, 3], [0.02, 0.1, 1] as [Float]))],
                attributes: ["axis": .int(0), "block_size": .int(2)]),
            OperatorExample([.constant(bias), scales], attributes: ["axis": .int(0)]),
        ]
    }
}
