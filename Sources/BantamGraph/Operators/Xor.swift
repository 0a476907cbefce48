/// True where exactly one of two tensors is, elementwise, with broadcasting.
struct Xor: LogicalOperator {
    static let name = "Xor"
    static let function = "aten::logical_xor"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0, 1]) }
}
