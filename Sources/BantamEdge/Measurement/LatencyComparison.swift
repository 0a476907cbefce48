public import BantamGraph

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Two pieces of work timed side by side, in alternating turns.
///
/// A machine's speed drifts: with its temperature, with its neighbours. Times taken minutes apart cannot tell a
/// difference of a tenth. Here both work in turns, which of them begins changes from pair to pair, and what counts
/// is the median of the pairs' ratios.
public struct LatencyComparison: Hashable, Sendable {
    /// The median time of each turn of the first, pair by pair.
    public var first: [Duration]
    public var second: [Duration]

    /// How many times faster the second is: the median over the pairs of first's time by second's.
    public var speedup: Double {
        let ratios = zip(first, second).map { $0.seconds / $1.seconds }.sorted()
        let middle = ratios.count / 2
        return ratios.count.isMultiple(of: 2) ? (ratios[middle - 1] + ratios[middle]) / 2 : ratios[middle]
    }

    /// Where the true median ratio lies with a probability of 95 % or more, whatever the ratios' distribution; `nil` with
    /// fewer than six pairs, which cannot tell.
    ///
    /// - Reference: Conover, *Practical Nonparametric Statistics*, 1999, section 3.2: an interval between two of the
    ///   ordered ratios, by the binomial distribution.
    public var speedupInterval: ClosedRange<Double>? {
        let ratios = zip(first, second).map { $0.seconds / $1.seconds }.sorted()
        let count = Double(ratios.count)
        // Chance that at most `below` of the ratios lie under the median, by terms of the binomial distribution.
        var term = pow(0.5, count)
        var chance = term
        var below = -1
        while chance <= 0.025, below + 1 < ratios.count / 2 {
            below += 1
            term *= (count - Double(below)) / Double(below + 1)
            chance += term
        }
        guard below >= 0 else { return nil }
        return ratios[below]...ratios[ratios.count - 1 - below]
    }

    /// - Precondition: as many of the first as of the second, and at least one.
    public init(first: [Duration], second: [Duration]) {
        precondition(first.count == second.count && !first.isEmpty, "\(first.count) and \(second.count) turns")
        self.first = first
        self.second = second
    }

    /// Compares two sessions on the same inputs, or each on its own ``InferenceSession/exampleInputs(batchSize:)``.
    ///
    /// - Parameters:
    ///   - pairs: Turns of each.
    ///   - turn: About how long each takes; one run at least.
    public static func measure(
        _ first: InferenceSession, _ second: InferenceSession, inputs: [TensorData]? = nil, pairs: Int = 7,
        turn: Duration = .milliseconds(100)
    ) throws(EdgeError) -> LatencyComparison {
        let firstInputs = try first.inputs(or: inputs)
        let secondInputs = try second.inputs(or: inputs)
        func runFirst() throws(EdgeError) { _ = try first.run(firstInputs) }
        func runSecond() throws(EdgeError) { _ = try second.run(secondInputs) }
        return try measure(pairs: pairs, turn: turn, first: runFirst, second: runSecond)
    }

    /// Compares any two pieces of work. Each is done three times before the first turn that counts, and as often in its
    /// turns as the other.
    ///
    /// - Precondition: `pairs` is 1 or more.
    public static func measure<Failure: Error>(
        pairs: Int, turn: Duration, first: () throws(Failure) -> Void, second: () throws(Failure) -> Void
    ) throws(Failure) -> LatencyComparison {
        precondition(pairs > 0, "\(pairs) pairs")
        let warmUp = try LatencyMeasurement.time(length: .iterations(3)) { () throws(Failure) in
            try first()
            try second()
        }
        // Not by the clock: a slow model would fill a turn with its least number of runs.
        let length = MeasurementLength.iterations(max(Int(turn * 2 / warmUp.median), 1))
        var firstTimes: [Duration] = []
        var secondTimes: [Duration] = []
        for pair in 0..<pairs {
            if pair.isMultiple(of: 2) {
                firstTimes.append(try LatencyMeasurement.time(length: length, first).median)
                secondTimes.append(try LatencyMeasurement.time(length: length, second).median)
            } else {
                secondTimes.append(try LatencyMeasurement.time(length: length, second).median)
                firstTimes.append(try LatencyMeasurement.time(length: length, first).median)
            }
        }
        return LatencyComparison(first: firstTimes, second: secondTimes)
    }
}
