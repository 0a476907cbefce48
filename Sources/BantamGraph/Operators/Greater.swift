/// `C = (A > B)`, elementwise, with broadcasting.
struct Greater: Comparison {
    static let name = "Greater"
    static let function = "aten::gt"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0, 1]) }

    static func holds(_ left: Int64, _ right: Int64) -> Bool { left > right }
    static func holds(_ left: Float, _ right: Float) -> Bool { left > right }
}
