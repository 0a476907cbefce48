/// The index of the smallest element along one axis; the first of equals, or the last with `select_last_index`.
struct ArgMin: IndexOfExtreme {
    static let name = "ArgMin"
    static let function = "aten::argmin"
}
