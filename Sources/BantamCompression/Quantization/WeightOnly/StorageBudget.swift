/// Chooses among the forms of several weights so that together they fit a size, at the least error.
///
/// A greedy choice: the step to a narrower form that adds the least error for each byte it saves is taken first, until
/// the size is met.
enum StorageBudget {
    /// What a weight costs in one form.
    struct Option: Hashable {
        var bytes: Int
        /// On a scale that all weights share.
        var error: Double
    }

    /// - Parameters:
    ///   - ladders: For each weight its options, each smaller than the one before.
    ///   - limit: The most bytes that all weights may take.
    /// - Returns: The index of each weight's option; `nil` when even the last ones take more than `limit`.
    /// - Complexity: O(weights²) at worst.
    static func choose(_ ladders: [[Option]], limit: Int) -> [Int]? {
        var chosen = [Int](repeating: 0, count: ladders.count)
        var total = ladders.reduce(0) { $0 + $1[0].bytes }
        while total > limit {
            let steps = ladders.indices.compactMap { weight -> (weight: Int, price: Double)? in
                let ladder = ladders[weight]
                guard chosen[weight] + 1 < ladder.count else { return nil }
                let (now, next) = (ladder[chosen[weight]], ladder[chosen[weight] + 1])
                return (weight, (next.error - now.error) / Double(now.bytes - next.bytes))
            }
            guard let step = steps.min(by: { $0.price < $1.price }) else { return nil }
            let ladder = ladders[step.weight]
            total -= ladder[chosen[step.weight]].bytes - ladder[chosen[step.weight] + 1].bytes
            chosen[step.weight] += 1
        }
        return chosen
    }
}
