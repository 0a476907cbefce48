public import BantamGraph

/// How many different inputs a data set makes: figures taken on one, however often it comes, say nothing of others.
public struct SampleVariety: Hashable, Sendable {
    /// The samples looked at.
    public var sampleCount: Int
    /// Those of them that make an input of their own.
    public var distinctCount: Int

    /// What is to be said of data that are one input only; `nil` for others.
    public var warning: String? {
        guard distinctCount < 2 else { return nil }
        return sampleCount == 1
            ? "There is one sample only: what it shows holds for no other; give some dozens."
            : "All \(sampleCount) samples are the same input: what they show holds for no other; give different ones."
    }
}

extension Dataset {
    /// Compares the inputs that samples make.
    ///
    /// - Parameter limit: How many samples are looked at, spread evenly over the data set.
    /// - Throws: What reading a sample throws.
    public func variety(preprocessing: Preprocessing, limit: Int = 32) throws(MediaError) -> SampleVariety {
        let looked = min(count, max(limit, 1))
        var seen: Set<Int> = []
        for number in 0..<looked {
            let input = try preprocessing.apply(try sample(at: number * count / looked))
            seen.insert(
                input.withUnsafeBytes { bytes in
                    var hasher = Hasher()
                    hasher.combine(input.shape)
                    hasher.combine(bytes: bytes)
                    return hasher.finalize()
                })
        }
        return SampleVariety(sampleCount: looked, distinctCount: seen.count)
    }
}
