/// Chooses among the forms of several weights so that together they fit a size, at the least error.
///
/// A greedy choice: the step to a narrower form that adds the least error for each byte it saves is taken first, until
/// the size is met.
package enum StorageBudget {
    /// How often the limit for the weights is corrected by what the file came to.
    private static let corrections = 8

    /// What a weight costs in one form.
    package struct Option: Hashable {
        package var bytes: Int
        /// On a scale that all weights share.
        package var error: Double

        package init(bytes: Int, error: Double) {
            self.bytes = bytes
            self.error = error
        }
    }

    /// The choice of least error whose file has no more than `most` bytes.
    ///
    /// - Parameters:
    ///   - ladders: For each weight its options, each smaller than the one before.
    ///   - most: The bytes that the file may have.
    ///   - fileBytes: Measures the file that a choice gives, an index for each weight, with all that will be in it.
    /// - Returns: The index of each weight's option; `nil` where no choice was found to fit.
    package static func fitted(
        _ ladders: [[Option]], most: Double, fileBytes: ([Int]) throws -> Double
    ) rethrows -> [Int]? {
        var limit = Int.max
        for _ in 0..<corrections {
            guard let chosen = choose(ladders, limit: limit) else { break }
            let bytes = try fileBytes(chosen)
            guard bytes > most else { return chosen }
            // Besides its numbers a weight takes a node or two, of which the options say nothing.
            let total = zip(ladders, chosen).reduce(0) { $0 + $1.0[$1.1].bytes }
            limit = total - Int((bytes - most).rounded(.up))
        }
        // The file may have shrunk by more than the options say.
        let last = ladders.map { $0.count - 1 }
        return try fileBytes(last) <= most ? last : nil
    }

    /// - Parameters:
    ///   - ladders: For each weight its options, each smaller than the one before.
    ///   - limit: The most bytes that all weights may take.
    /// - Returns: The index of each weight's option; `nil` when even the last ones take more than `limit`.
    /// - Complexity: O(weights²) at worst.
    package static func choose(_ ladders: [[Option]], limit: Int) -> [Int]? {
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
