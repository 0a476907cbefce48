/// The error function, elementwise; exporters of older opsets write `Gelu` with it.
struct Erf: UnaryActivation {
    static let name = "Erf"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering { [ATenCall("aten::erf", .input(0))] }
}
