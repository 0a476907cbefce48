import BantamModel

/// How a model's scores, or other outputs, differ from another's, collected sample by sample.
public struct ScoreComparison: Hashable, Sendable {
    public private(set) var samples = 0
    /// The samples for which both give the same class the highest score.
    public private(set) var agreeing = 0
    /// Of two scores for the same class of the same sample.
    public private(set) var largestDifference: Float = 0
    /// Of each output.
    private var noise: [SignalToNoise]
    /// How many numbers of a row each output has; `nil` where a row is class scores.
    private let widths: [Int]?

    /// - Parameter widths: How many numbers of a row each output has; `nil` where a row is class scores.
    public init(widths: [Int]? = nil) {
        self.widths = widths
        noise = [SignalToNoise](repeating: SignalToNoise(), count: widths?.count ?? 1)
    }

    /// Takes a sample into account. Of equal scores the first class counts.
    ///
    /// - Precondition: both have one finite score for each class, and as many numbers as the widths say.
    public mutating func observe(_ scores: UnsafeBufferPointer<Float>, reference: UnsafeBufferPointer<Float>) {
        precondition(scores.count == reference.count && !scores.isEmpty, "\(scores.count), \(reference.count) scores")
        let widths = widths ?? [scores.count]
        precondition(widths.reduce(0, +) == scores.count, "\(scores.count) numbers for outputs of \(widths)")
        var (best, referenceBest) = (0, 0)
        var (output, end) = (0, widths[0])
        for index in scores.indices {
            while index == end {
                output += 1
                end += widths[output]
            }
            if scores[index] > scores[best] { best = index }
            if reference[index] > reference[referenceBest] { referenceBest = index }
            largestDifference = max(largestDifference, abs(scores[index] - reference[index]))
            noise[output].observe(scores[index], reference: reference[index])
        }
        samples += 1
        agreeing += best == referenceBest ? 1 : 0
    }

    /// Of the output with the most noise; `nil` where there is none at all.
    public var decibels: Double? { noise.compactMap(\.decibels).min() }

    /// The share of samples that both answer alike, in 0...1; 1 where there are none, and `nil` without classes.
    public var agreement: Double? {
        guard widths == nil else { return nil }
        return samples == 0 ? 1 : Double(agreeing) / Double(samples)
    }
}
