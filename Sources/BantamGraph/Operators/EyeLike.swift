/// A matrix of the input's shape with ones on a diagonal, `k` places to the right of the main one, and zeros elsewhere.
struct EyeLike: Operator {
    static let name = "EyeLike"
    static let inputs: [InputSlot] = [.activation("input")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        guard node.inputShape(0).rank == 2 else {
            throw node.mismatch("an input of shape \(node.inputShape(0)) is no matrix")
        }
        return [node.inputShape(0)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        guard case .int(let code)? = node.node.attributes["dtype"] else { return [node.inputDType(0)] }
        guard let dtype = DType(onnxCode: code), dtype.bitWidth >= 8 else {
            throw node.unsupported("a matrix of ONNX type \(code)")
        }
        return [dtype]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .opaque("a matrix of ones has no channels") }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let shape = node.inputShape(0)
        let diagonal = min(max(node.int("k", default: 0), -shape[0] - 1), shape[1] + 1)
        var calls = CallSequence()
        let ones = calls.append("aten::ones", "", .ints(shape.dimensions), .dtype(try dtypes(of: node)[0]))
        let upper = calls.append("aten::triu", "", ones, .int(diagonal))
        calls.append("aten::tril", "", upper, .int(diagonal))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[3, 4]]),
            OperatorExample([[4, 4]], attributes: ["k": .int(-1), "dtype": .int(DType.int64.onnxCode)]),
        ]
    }
}
