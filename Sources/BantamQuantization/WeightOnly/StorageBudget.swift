import BantamModel

/// Chooses among the forms of several weights so that together they fit a size, at the least error.
///
/// A greedy choice: the step to a narrower form that adds the least error for each byte it saves is taken first, until
/// the size is met. A large last step may leave room, which steps that were taken before it are given back for.
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
    /// - Returns: The index of each weight's option, and what the file takes; `nil` where no choice was found to fit.
    package static func fitted(
        _ ladders: [[Option]], most: Double, fileBytes: ([Int]) throws -> Double
    ) rethrows -> (chosen: [Int], bytes: Double)? {
        var limit = Int.max
        for _ in 0..<corrections {
            guard let chosen = choose(ladders, limit: limit) else { break }
            let bytes = try fileBytes(chosen)
            guard bytes > most else { return (chosen, bytes) }
            // Besides its numbers a weight takes a node or two, of which the options say nothing.
            let total = zip(ladders, chosen).reduce(0) { $0 + $1.0[$1.1].bytes }
            limit = total - Int((bytes - most).rounded(.up))
        }
        // The file may have shrunk by more than the options say.
        let last = ladders.map { $0.count - 1 }
        let bytes = try fileBytes(last)
        return bytes <= most ? (last, bytes) : nil
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
        while let step = worthTaking(back: ladders, chosen, within: limit - total) {
            chosen[step.weight] -= 1
            total += step.bytes
        }
        return chosen
    }

    /// The step to a wider form that saves the most error, of those that there is room for.
    private static func worthTaking(
        back ladders: [[Option]], _ chosen: [Int], within room: Int
    ) -> (weight: Int, bytes: Int)? {
        let steps = ladders.indices.compactMap { weight -> (weight: Int, bytes: Int, error: Double)? in
            guard chosen[weight] > 0 else { return nil }
            let (now, wider) = (ladders[weight][chosen[weight]], ladders[weight][chosen[weight] - 1])
            let bytes = wider.bytes - now.bytes
            return bytes <= room && wider.error < now.error ? (weight, bytes, now.error - wider.error) : nil
        }
        return steps.max { $0.error < $1.error }.map { ($0.weight, $0.bytes) }
    }

    /// Why a file is clearly smaller than it may be: what the next step would take; `nil` where it hardly is.
    ///
    /// - Parameters:
    ///   - chosen: The index of each weight's option.
    ///   - bytes: Of the file.
    ///   - most: The bytes that it may have.
    package static func note(on ladders: [[Option]], _ chosen: [Int], bytes: Double, most: Double) -> String? {
        guard bytes < most * (1 - usualSlack) else { return nil }
        let (taken, allowed) = (CompressionError.number(bytes), CompressionError.number(most))
        let room = "The file takes \(taken) of the \(allowed) bytes allowed"
        let finest = zip(ladders, chosen).compactMap { ladder, index in
            index > 0 ? ladder[index - 1].bytes - ladder[index].bytes : nil
        }.min()
        guard let finest else { return room + ": as far as was measured, more bits are of no use." }
        return room + ": the finest step to a wider form takes \(finest) bytes more."
    }

    /// The share of a limit that a file may stay below it without a word.
    private static let usualSlack = 0.02
}
