/// `y = x * relu6(x + 3) / 6`, elementwise. Howard et al., *Searching for MobileNetV3*, ICCV 2019.
struct HardSwish: UnaryActivation {
    static let name = "HardSwish"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::hardswish", .input(0))]
    }
    static var examples: [OperatorExample] {
        [
            OperatorExample([.random([2, 3, 4, 5], in: -5...5)]),
            OperatorExample([.random([2, 3, 2, 4, 5], in: -5...5)]),
        ]
    }
}
