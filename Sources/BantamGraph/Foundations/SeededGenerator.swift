#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Random numbers that are the same for the same seed, on every machine and in every release.
///
/// Weights, data order and augmentation draw from it, so that a run can be repeated from its recorded seed. The
/// standard library's generator cannot be seeded, and its `shuffle` may change between releases.
///
/// ```swift
/// var random = SeededGenerator(seed: 42)
/// let weight = (0..<9).map { _ in random.normal(standardDeviation: 0.1) }
/// let order = random.permutation(count: 60_000)
/// var augmentation = random.stream("augmentation")  // independent of how much the others draw
/// ```
///
/// The algorithm is SplitMix64: a counter stepped by the golden ratio and passed through a mixing function. Its
/// period is 2^64, and nearby seeds give unrelated sequences. It is not for cryptography.
///
/// - Reference: Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014.
public struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable, Codable {
    private var state: UInt64
    /// The seed of the streams derived from this generator.
    private let seed: UInt64

    public init(seed: UInt64) {
        self.state = seed
        self.seed = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// A number of the interval `[0, 1)`, a multiple of 2^-53.
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A number between the bounds, uniformly distributed.
    public mutating func uniform(in bounds: ClosedRange<Float>) -> Float {
        let value = Double(bounds.lowerBound) + uniform() * (Double(bounds.upperBound) - Double(bounds.lowerBound))
        return min(max(Float(value), bounds.lowerBound), bounds.upperBound)
    }

    /// A normally distributed number.
    ///
    /// - Reference: Box and Muller, *A Note on the Generation of Random Normal Deviates*, 1958.
    public mutating func normal(mean: Float = 0, standardDeviation: Float = 1) -> Float {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        let deviate = radius * cos(2 * Double.pi * uniform())
        return Float(Double(mean) + Double(standardDeviation) * deviate)
    }

    /// A whole number of `0..<bound`, each equally likely.
    ///
    /// - Precondition: `bound` is positive.
    /// - Reference: Lemire, *Fast Random Integer Generation in an Interval*, ACM TOMACS 2019.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "no number is below \(bound)")
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        // Rejects the few draws that would make small results more likely.
        let threshold = (0 &- bound) % bound
        while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        return Int(product.high)
    }

    /// Brings the elements into random order (Fisher and Yates).
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, integer(below: last + 1))
        }
    }

    /// The numbers `0..<count` in random order.
    public mutating func permutation(count: Int) -> [Int] {
        var order = Array(0..<count)
        shuffle(&order)
        return order
    }

    /// A generator of its own for one purpose: it depends on the seed and the name alone, not on what has been drawn.
    public func stream(_ name: String) -> SeededGenerator {
        // FNV-1a: `Hasher` is seeded anew for each process.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return SeededGenerator(seed: Self.mixed(seed ^ Self.mixed(hash)))
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
