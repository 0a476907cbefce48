/// Chooses the operators that stay in floating point: as few, or as many, of the most sensitive as a condition asks for.
///
/// An operator is known by the name of its node. The condition is measured on a model, and so costs far more than
/// anything here; it is asked O(log n) times for n operators, and once more for each that may turn out not to be needed.
struct PrecisionSearch {
    /// All that could be put back, the most sensitive first.
    let operators: [String]

    /// The fewest operators that fulfil a condition which holds the sooner, the more are in floating point.
    ///
    /// First as many of the most sensitive as it takes, then without each of them that is not needed after all.
    ///
    /// - Returns: In the order of ``operators``; `nil` when even all of them are not enough.
    func fewest(_ isEnough: (Set<String>) throws -> Bool) rethrows -> [String]? {
        if try isEnough([]) { return [] }
        guard try isEnough(Set(operators)) else { return nil }
        // `lower` are not enough, `upper` are.
        var (lower, upper) = (0, operators.count)
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if try isEnough(Set(operators[..<middle])) { upper = middle } else { lower = middle }
        }
        var chosen = Array(operators[..<upper])
        // The last one is needed: without it there were too few.
        for name in chosen.dropLast().reversed() {
            let others = chosen.filter { $0 != name }
            if try isEnough(Set(others)) { chosen = others }
        }
        return chosen
    }

    /// As many of the most sensitive operators as a condition allows which fails the sooner, the more there are.
    ///
    /// - Returns: `nil` when the condition does not even hold for none.
    func most(_ isAllowed: (Set<String>) throws -> Bool) rethrows -> [String]? {
        guard try isAllowed([]) else { return nil }
        // `lower` are allowed, `upper` are not.
        var (lower, upper) = (0, operators.count + 1)
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if try isAllowed(Set(operators[..<middle])) { lower = middle } else { upper = middle }
        }
        return Array(operators[..<lower])
    }
}
