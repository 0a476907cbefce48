/// Picks a number of things out of many that come one after another, evenly spread.
struct EvenChoice {
    private let chosen: Int
    private let total: Int
    private var position = 0

    init(_ chosen: Int, of total: Int) {
        self.chosen = chosen
        self.total = total
    }

    /// Whether the next thing is picked.
    mutating func next() -> Bool {
        precondition(position < total, "more than \(total) things")
        position += 1
        return position * chosen / total > (position - 1) * chosen / total
    }
}
