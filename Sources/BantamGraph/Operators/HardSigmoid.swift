/// `y = max(0, min(1, alpha * x + beta))`, elementwise.
struct HardSigmoid: UnaryActivation {
    static let name = "HardSigmoid"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        node.float("beta", default: 0.5) <= 0 ? .whereAll([0]) : .never
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let alpha = node.float("alpha", default: 0.2)
        // ATen's own function has the slope that PyTorch's layer exports.
        if abs(alpha - 1 / 6) < 1e-6, node.float("beta", default: 0.5) == 0.5 {
            return [ATenCall("aten::hardsigmoid", .input(0))]
        }
        return [
            ATenCall("aten::mul", overload: "Scalar", .input(0), .double(Double(alpha))),
            ATenCall("aten::add", overload: "Scalar", .result(0), setting("beta", of: node, default: 0.5)),
            ATenCall("aten::clamp", .result(1), .double(0), .double(1)),
        ]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([.random([2, 3, 4, 5], in: -5...5)]),
            OperatorExample([.random([2, 3, 2, 4, 5], in: -5...5)], attributes: ["alpha": .float(1 / 6)]),
        ]
    }
}
