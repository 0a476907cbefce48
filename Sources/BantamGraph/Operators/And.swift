/// Whether both are true, elementwise, with broadcasting.
struct And: LogicalOperator {
    static let name = "And"
    static let function = "aten::logical_and"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAny([0, 1]) }
}
