/// `C = (A <= B)`, elementwise, with broadcasting.
struct LessOrEqual: Comparison {
    static let name = "LessOrEqual"
    static let function = "aten::le"
    static func holds(_ left: Int64, _ right: Int64) -> Bool { left <= right }
    static func holds(_ left: Float, _ right: Float) -> Bool { left <= right }
}
