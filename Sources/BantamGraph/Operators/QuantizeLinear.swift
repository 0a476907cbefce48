/// `y = saturate(round(x / scale) + zero_point)`: the integers that stand for real numbers; halves round to even.
///
/// One scale serves the whole tensor, one index along `axis`, or (opset 21) one block of `block_size` along it. The
/// result's type is the zero point's, or `output_dtype`, or uint8.
///
/// - Reference: Jacob et al., *Quantization and Training of Neural Networks for Efficient
///   Integer-Arithmetic-Only Inference*, CVPR 2018.
struct QuantizeLinear: Operator {
    static let name = "QuantizeLinear"
    static let unpacksWeights = true
    static let inputs: [InputSlot] = [
        .activation("x"), .setting("y_scale"), .optional(.setting("y_zero_point")),
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
        _ = try floatingPointDType(of: node, slots: 0..<2)
        let code = node.int("output_dtype", default: 0)
        let requested = code == 0 ? DType.uint8 : DType(onnxCode: code)
        guard let dtype = node.hasInput(2) ? node.inputDType(2) : requested, dtype.quantizedRange != nil else {
            throw node.dtypeMismatch("it makes integers of 4 to 16 bits, not ONNX type \(code)")
        }
        return [dtype]
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
        let dtype = try dtypes(of: node)[0]
        let shape = node.inputShape(0)
        var calls = CallSequence()
        let scale = granularity.broadcasting(.input(1), over: shape, in: &calls)
        let scaled = calls.append("aten::div", "Tensor", .input(0), scale)
        var number = calls.append("aten::round", "", scaled)
        if node.hasInput(2) {
            let real = calls.append("aten::to", "dtype", .input(2), .dtype(node.inputDType(0)))
            let zeroPoint = granularity.broadcasting(real, over: shape, in: &calls)
            number = calls.append("aten::add", "Tensor", number, zeroPoint)
        }
        calls.appendSaturation(of: number, to: dtype)
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        let values = OperatorExample.Input.random([2, 3, 4, 5], in: -4...4)
        let scale = OperatorExample.Input.constant(TensorData(scalar: 0.05 as Float))
        let scales = OperatorExample.Input.constant(TensorData([3], [0.02, 0.05, 0.1] as [Float]))
        let blockScales = OperatorExample.Input.constant(TensorData([2, 2], [0.02, 0.05, 0.1, 0.2] as [Float]))
        return [
            OperatorExample([values, scale, .constant(TensorData(scalar: 128 as UInt8))]),
            OperatorExample([values, scales, .constant(TensorData([3], [0, 3, -5] as [Int8]))]),
            OperatorExample([values, scale]),
            OperatorExample([[2, 5], blockScales], attributes: ["axis": .int(1), "block_size": .int(3)]),
        ]
    }
}
