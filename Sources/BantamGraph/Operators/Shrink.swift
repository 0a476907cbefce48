/// `y = x + bias` where `x < -lambd`, `x - bias` where `x > lambd`, else 0, elementwise: the soft threshold where `bias`
/// equals `lambd`, the hard one where it is 0.
struct Shrink: UnaryArithmetic {
    static let name = "Shrink"
    static let function = "aten::hardshrink"
    static let acceptsIntegers = true

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        node.float("lambd", default: 0.5) >= 0 || node.float("bias", default: 0) == 0 ? .whereAll([0]) : .never
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let threshold = Double(node.float("lambd", default: 0.5))
        let bias = Double(node.float("bias", default: 0))
        let dtype = ATenArgument.dtype(node.inputDType(0))
        var calls = CallSequence()
        // Each side by itself: they overlap where lambd is negative, and the lower side then comes first.
        let lowered = calls.append("aten::sub", "Scalar", .input(0), .double(bias))
        let raised = calls.append("aten::add", "Scalar", .input(0), .double(bias))
        let zero = calls.append("aten::zeros_like", "", lowered)
        let isAbove = calls.append("aten::gt", "Scalar", .input(0), .double(threshold))
        let isBelow = calls.append("aten::lt", "Scalar", .input(0), .double(-threshold))
        let upper = calls.append("aten::where", "self", isAbove, lowered, zero)
        let both = calls.append("aten::where", "self", isBelow, raised, upper)
        calls.append("aten::to", "dtype", both, dtype)
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4]]),
            OperatorExample([[1, 2, 2, 3, 3]], attributes: ["lambd": .float(0.3), "bias": .float(0.3)]),
        ]
    }
}
