/// `y = gamma * x` where `x >= 0`, else `gamma * alpha * (exp(x) - 1)`, elementwise. Klambauer et al.,
/// *Self-Normalizing Neural Networks*, NeurIPS 2017.
struct Selu: UnaryActivation {
    static let name = "Selu"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let alpha = setting("alpha", of: node, default: 1.673_263_2)
        let gamma = setting("gamma", of: node, default: 1.050_701)
        return [ATenCall("aten::elu", .input(0), alpha, gamma)]
    }
}
