/// Whether at least one is true, elementwise, with broadcasting.
struct Or: LogicalOperator {
    static let name = "Or"
    static let function = "aten::logical_or"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0, 1]) }
}
