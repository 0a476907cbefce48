/// Converts the elements to another type; fractions are cut off toward zero, and all but zero is true.
struct Cast: Operator {
    static let name = "Cast"
    static let unpacksWeights = true
    static let inputs: [InputSlot] = [.activation("input")]
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [node.inputShape(0)] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        let code = node.int("to", default: 0)
        guard let dtype = DType(onnxCode: code) else { throw node.unsupported("a cast to ONNX type \(code)") }
        return [dtype]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(node) }
    static func cost(of node: NodeContext) -> Cost { .free }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        conversion(of: node, to: try dtypes(of: node)[0])
    }

    /// Converts input 0.
    static func conversion(of node: NodeContext, to dtype: DType) -> Lowering {
        var calls = CallSequence()
        var number = ATenArgument.input(0)
        // What does not fit 4 bits is brought to the nearest that does; a byte would hold it otherwise.
        if dtype.bitWidth < 8, node.inputDType(0) != .bool, let range = dtype.quantizedRange {
            number = calls.append("aten::clamp", "", number, .int(range.lowerBound), .int(range.upperBound))
        }
        calls.append("aten::to", "dtype", number, .dtype(dtype.computed))
        return calls.lowering
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        guard let data = node.constant(0) else { return nil }
        return converted(data, to: try dtypes(of: node)[0])
    }

    /// - Returns: `nil` for types that arithmetic on shapes does not use.
    static func converted(_ data: TensorData, to dtype: DType) -> [TensorData]? {
        switch data.dtype {
        case .int64: return converted(data.elements(of: Int64.self), shape: data.shape, to: dtype)
        case .int32: return converted(data.elements(of: Int32.self).map(Int64.init), shape: data.shape, to: dtype)
        case .bool:
            let numbers: [Int64] = data.elements(of: Bool.self).map { $0 ? 1 : 0 }
            return converted(numbers, shape: data.shape, to: dtype)
        case .float32: return converted(data.elements(of: Float.self), shape: data.shape, to: dtype)
        default: return nil
        }
    }

    static var examples: [OperatorExample] {
        let numbers = OperatorExample.Input.data(TensorData([4], [-1.7, 0, 0.4, 3.9] as [Float]))
        let codes: [DType] = [.int64, .int32, .bool, .float64]
        return codes.map { OperatorExample([numbers], attributes: ["to": .int($0.onnxCode)]) }
            + [OperatorExample([[2, 3, 4, 5]], attributes: ["to": .int(DType.bfloat16.onnxCode)])]
    }

    private static func converted(_ numbers: [Int64], shape: Shape, to dtype: DType) -> [TensorData]? {
        switch dtype {
        case .int64: return [TensorData(shape, numbers)]
        case .int32: return [TensorData(shape, numbers.map { Int32(truncatingIfNeeded: $0) })]
        case .bool: return [TensorData(shape, numbers.map { $0 != 0 })]
        case .float32: return [TensorData(shape, numbers.map { Float($0) })]
        default: return nil
        }
    }

    private static func converted(_ numbers: [Float], shape: Shape, to dtype: DType) -> [TensorData]? {
        switch dtype {
        case .float32: return [TensorData(shape, numbers)]
        case .bool: return [TensorData(shape, numbers.map { $0 != 0 })]
        default:
            // What becomes of a number too large for an integer is up to the machine: leave it to the model.
            let whole = numbers.compactMap { Int64(exactly: $0.rounded(.towardZero)) }
            return whole.count == numbers.count ? converted(whole, shape: shape, to: dtype) : nil
        }
    }
}
