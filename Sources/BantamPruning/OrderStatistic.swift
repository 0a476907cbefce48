/// Selection without sorting.
enum OrderStatistic {
    /// The `rank`-th smallest number, counted from 1.
    ///
    /// Floats that are not negative are ordered as their bit patterns are, so two counting passes over 16 bits each
    /// find it exactly.
    ///
    /// - Parameters:
    ///   - rank: 1...count.
    ///   - numbers: Finite and not negative.
    /// - Complexity: O(count).
    static func smallest(_ rank: Int, of numbers: [Float]) -> Float {
        precondition((1...max(numbers.count, 1)).contains(rank), "rank \(rank) of \(numbers.count) numbers")
        let (upper, before) = bucket(of: rank, in: numbers.lazy.map { Int($0.bitPattern >> 16) })
        let candidates = numbers.lazy.filter { Int($0.bitPattern >> 16) == upper }
        let (lower, _) = bucket(of: rank - before, in: candidates.map { Int($0.bitPattern & 0xFFFF) })
        return Float(bitPattern: UInt32(upper) << 16 | UInt32(lower))
    }

    /// The key that the `rank`-th smallest of `keys` has, and how many are smaller.
    private static func bucket(of rank: Int, in keys: some Sequence<Int>) -> (key: Int, before: Int) {
        var counts = [Int](repeating: 0, count: 1 << 16)
        for key in keys { counts[key] += 1 }
        var before = 0
        for (key, count) in counts.enumerated() {
            if before + count >= rank { return (key, before) }
            before += count
        }
        preconditionFailure("rank \(rank) of \(before) numbers")
    }
}
