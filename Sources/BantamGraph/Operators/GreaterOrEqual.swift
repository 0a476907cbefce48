/// `C = (A >= B)`, elementwise, with broadcasting.
struct GreaterOrEqual: Comparison {
    static let name = "GreaterOrEqual"
    static let function = "aten::ge"
    static func holds(_ left: Int64, _ right: Int64) -> Bool { left >= right }
    static func holds(_ left: Float, _ right: Float) -> Bool { left >= right }
}
