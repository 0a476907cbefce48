/// `y = x` where `x > alpha`, else 0, elementwise.
struct ThresholdedRelu: UnaryActivation {
    static let name = "ThresholdedRelu"

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::threshold", .input(0), setting("alpha", of: node, default: 1), .double(0))]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([.random([2, 3, 4, 5], in: -3...3)]),
            OperatorExample([[6]], attributes: ["alpha": .float(0.3)]),
        ]
    }
}
