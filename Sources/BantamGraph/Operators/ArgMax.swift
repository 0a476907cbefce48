/// The index of the largest element along one axis; the first of equals, or the last with `select_last_index`.
struct ArgMax: IndexOfExtreme {
    static let name = "ArgMax"
    static let function = "aten::argmax"
}
