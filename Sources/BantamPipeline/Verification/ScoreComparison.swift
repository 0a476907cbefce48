public import BantamModel

/// How a classifier's scores differ from another's, collected sample by sample.
public struct ScoreComparison: Hashable, Sendable {
    public private(set) var samples = 0
    /// The samples for which both give the same class the highest score.
    public private(set) var agreeing = 0
    /// Of two scores for the same class of the same sample.
    public private(set) var largestDifference: Float = 0
    public private(set) var noise = SignalToNoise()

    public init() {}

    /// Takes a sample into account. Of equal scores the first class counts.
    ///
    /// - Precondition: both have one finite score for each class.
    public mutating func observe(_ scores: UnsafeBufferPointer<Float>, reference: UnsafeBufferPointer<Float>) {
        precondition(scores.count == reference.count && !scores.isEmpty, "\(scores.count), \(reference.count) scores")
        var (best, referenceBest) = (0, 0)
        for index in scores.indices {
            if scores[index] > scores[best] { best = index }
            if reference[index] > reference[referenceBest] { referenceBest = index }
            largestDifference = max(largestDifference, abs(scores[index] - reference[index]))
            noise.observe(scores[index], reference: reference[index])
        }
        samples += 1
        agreeing += best == referenceBest ? 1 : 0
    }

    /// The share of samples that both answer alike, in 0...1; 1 where there are none.
    public var agreement: Double { samples == 0 ? 1 : Double(agreeing) / Double(samples) }
}
