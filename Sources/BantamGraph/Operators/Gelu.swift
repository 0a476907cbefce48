/// `y = x * Phi(x)`, `Phi` the normal distribution, elementwise; `approximate` `tanh` computes it by a tangent.
/// Hendrycks and Gimpel, *Gaussian Error Linear Units*, 2016.
struct Gelu: UnaryActivation {
    static let name = "Gelu"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        guard ["none", "tanh"].contains(approximation(node)) else {
            throw node.unsupported("approximate \(approximation(node))")
        }
        return [node.inputShape(0)]
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::gelu", .input(0), .string(approximation(node)))]
    }

    private static func approximation(_ node: NodeContext) -> String { node.string("approximate", default: "none") }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4]]),
            OperatorExample([[2, 3, 2, 4, 5]], attributes: ["approximate": .string("tanh")]),
        ]
    }
}
