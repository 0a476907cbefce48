/// Times of the same piece of work, in the order they were taken.
public struct DurationSamples: Hashable, Sendable {
    public private(set) var durations: [Duration]
    private let sorted: [Duration]

    /// - Precondition: at least one duration.
    public init(_ durations: [Duration]) {
        precondition(!durations.isEmpty, "no durations to summarize")
        self.durations = durations
        self.sorted = durations.sorted()
    }

    public var count: Int { durations.count }
    public var total: Duration { durations.reduce(.zero, +) }
    public var median: Duration { quantile(0.5) }

    /// The time that a share `probability` of the samples does not exceed, linear between neighbouring samples.
    ///
    /// - Precondition: `probability` is in 0...1.
    public func quantile(_ probability: Double) -> Duration {
        precondition((0...1).contains(probability), "quantile \(probability)")
        let position = probability * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
    }
}

/// How long a measurement goes on.
public enum MeasurementLength: Hashable, Sendable {
    /// This many times, and at least once.
    case iterations(Int)
    /// Until this much time has passed, and at least ``minimumIterations`` times.
    case duration(Duration)

    /// The fewest samples from which a 95th percentile means something.
    public static let minimumIterations = 20

    func isReached(iterations: Int, elapsed: Duration) -> Bool {
        switch self {
        case .iterations(let count): iterations >= max(count, 1)
        case .duration(let duration): elapsed >= duration && iterations >= Self.minimumIterations
        }
    }
}

extension Duration {
    var milliseconds: Double { seconds * 1000 }

    init(milliseconds: Double) {
        self = .nanoseconds(Int64((milliseconds * 1e6).rounded()))
    }
}
