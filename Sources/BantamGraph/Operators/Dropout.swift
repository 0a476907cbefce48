/// While training, sets a share `ratio` of the elements to zero and scales the others up; otherwise does nothing.
///
/// Which of the two is for the caller to say (``NodeContext/mode-swift.property``); the input `training_mode` of the
/// file is not asked. An optional second output tells which elements were kept. Srivastava et al., JMLR 2014.
struct Dropout: Operator {
    static let name = "Dropout"
    static let inputs: [InputSlot] = [
        .activation("data"), .optional(.setting("ratio")), .optional(.setting("training_mode")),
    ]

    /// The second output holds a mask of ones.
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        node.node.outputs.count > 1 ? .never : .whereAll([0])
    }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [node.inputShape(0), node.inputShape(0)] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node), .bool]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(node) }

    static func quantization(of node: NodeContext) -> QuantizationRole { .transparent }

    static func cost(of node: NodeContext) -> Cost {
        node.mode != .inference ? Cost(elementwise: node.outputElements(0)) : .free
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] {
        node.mode != .inference ? [.intermediate(TensorType(.bool, node.outputShape(0)))] : []
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        if node.mode != .inference {
            return [ATenCall("aten::native_dropout", .input(0), .double(try ratio(of: node)), .bool(true))]
        }
        guard node.node.outputs.count > 1 else { return .alias(.input(0)) }
        return Lowering(
            [ATenCall("aten::ones_like", .input(0), .dtype(.bool))], outputs: [.input(0), .result(0)])
    }

    /// An input since opset 12, an attribute before.
    private static func ratio(of node: NodeContext) throws(GraphError) -> Double {
        guard node.hasInput(1) else { return Double(node.float("ratio", default: 0.5)) }
        guard let data = node.constant(1) else { throw GraphError.dynamicSetting("ratio", of: node.node) }
        switch data.dtype {
        case .float32 where data.elementCount == 1: return Double(data.elements(of: Float.self)[0])
        case .float64 where data.elementCount == 1: return data.elements(of: Double.self)[0]
        default: throw node.dtypeMismatch("ratio must be one number in float32 or float64, not \(data.type)")
        }
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5]]),
            OperatorExample([[2, 3, 2, 4, 5], .constant(TensorData(scalar: Float(0.3)))], outputCount: 2),
        ]
    }
}
