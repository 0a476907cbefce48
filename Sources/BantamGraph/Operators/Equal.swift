/// `C = (A == B)`, elementwise, with broadcasting.
struct Equal: Comparison {
    static let name = "Equal"
    static let function = "aten::eq"
    static func holds(_ left: Int64, _ right: Int64) -> Bool { left == right }
    static func holds(_ left: Float, _ right: Float) -> Bool { left == right }
}
