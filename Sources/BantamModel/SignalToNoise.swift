#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How large numbers are beside their errors, collected piece by piece in two sums.
///
/// ```
/// decibels = 10 log10(sum(reference²) / sum((value - reference)²))
/// ```
///
/// An activation that is rounded to 8 bits over its whole range has about 40 dB; each bit fewer costs 6.
public struct SignalToNoise: Hashable, Sendable, Codable {
    /// The sum of the squares of what the values should be.
    public private(set) var signal = 0.0
    /// The sum of the squares of the errors.
    public private(set) var noise = 0.0

    /// Errors of 1e15 times the signal and all above count alike, so that the figure stays a number where the signal is
    /// zero.
    private static let smallestRatio = 1e-30

    public init() {}

    /// Takes one value into account.
    public mutating func observe(_ value: Float, reference: Float) {
        let error = Double(value) - Double(reference)
        signal += Double(reference) * Double(reference)
        noise += error * error
    }

    /// Takes values into account whose sums are known.
    ///
    /// - Precondition: both are finite and not negative.
    public mutating func observe(signal: Double, noise: Double) {
        precondition(signal >= 0 && noise >= 0 && (signal + noise).isFinite, "\(signal) and \(noise) are no sums")
        self.signal += signal
        self.noise += noise
    }

    /// From -300; `nil` where there is no error at all.
    public var decibels: Double? {
        noise == 0 ? nil : 10 * log10(max(signal / noise, Self.smallestRatio))
    }
}
