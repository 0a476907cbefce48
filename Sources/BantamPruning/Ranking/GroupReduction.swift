/// How the scores that a channel has in several layers become one.
public enum GroupReduction: String, Codable, Hashable, Sendable, CaseIterable {
    case mean, sum, max, product
    /// That of the first layer that makes the channel, as before layers were known to be coupled.
    case first

    /// - Parameter rows: One or more, of equal length.
    /// - Returns: One number for each column.
    public func callAsFunction(_ rows: [[Double]]) -> [Double] {
        guard let first = rows.first else { return [] }
        return first.indices.map { column in
            let scores = rows.map { $0[column] }
            return switch self {
            case .mean: scores.reduce(0, +) / Double(scores.count)
            case .sum: scores.reduce(0, +)
            case .max: scores.reduce(0, Swift.max)
            case .product: scores.reduce(1, *)
            case .first: scores[0]
            }
        }
    }
}
