/// `y = max(0, x) + min(0, alpha · (exp(x / alpha) - 1))`, elementwise. Barron, *Continuously Differentiable
/// Exponential Linear Units*, 2017.
struct Celu: UnaryActivation {
    static let name = "Celu"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::celu", .input(0), setting("alpha", of: node, default: 1))]
    }
}
