/// `y = x / (1 + |x|)`, elementwise.
struct Softsign: UnaryActivation {
    static let name = "Softsign"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        let magnitude = calls.append("aten::abs", "", .input(0))
        let divisor = calls.append("aten::add", "Scalar", magnitude, .int(1))
        calls.append("aten::div", "Tensor", .input(0), divisor)
        return calls.lowering
    }
}
