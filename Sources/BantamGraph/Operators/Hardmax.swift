/// 1 at the largest element along one axis, the first of equals, and 0 elsewhere.
struct Hardmax: NormalizedExponential {
    static let name = "Hardmax"
    static let function = "aten::argmax"
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axis = ATenArgument.int(try node.axis(default: -1))
        var calls = CallSequence()
        let places = calls.append(function, "", .input(0), axis, .bool(true))
        let zeros = calls.append("aten::zeros_like", "", .input(0))
        calls.append("aten::scatter", "value", zeros, axis, places, .int(1))
        return calls.lowering
    }
}
