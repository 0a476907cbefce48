/// How the scores of one group are scaled before groups compete.
public enum ScoreNormalizer: String, Codable, Hashable, Sendable, CaseIterable {
    /// As they are: for scores that mean the same in every group.
    case none
    /// In units of the group's mean.
    case mean
    /// In units of the group's largest.
    case max
    /// As shares of the group's sum.
    case sum
    /// Less the group's smallest, in units of its standard deviation.
    case standardization

    /// - Parameter scores: Not negative.
    /// - Returns: As many, in the same order of size, not negative. Where all scores are equal they say nothing of the
    ///   group's worth against others'.
    public func callAsFunction(_ scores: [Double]) -> [Double] {
        let sum = scores.reduce(0, +)
        let mean = sum / Double(Swift.max(scores.count, 1))
        switch self {
        case .none: return scores
        case .mean: return scores.dividedBy(mean)
        case .max: return scores.dividedBy(scores.max() ?? 0)
        case .sum: return scores.dividedBy(sum)
        case .standardization:
            let variance = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(Swift.max(scores.count, 1))
            let smallest = scores.min() ?? 0
            return scores.map { $0 - smallest }.dividedBy(variance.squareRoot())
        }
    }
}

extension [Double] {
    /// Itself where there is nothing to divide by.
    fileprivate func dividedBy(_ unit: Double) -> [Double] { unit > 0 ? map { $0 / unit } : self }
}
