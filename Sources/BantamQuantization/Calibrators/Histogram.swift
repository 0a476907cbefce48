import BantamGraph
import BantamModel

/// How often values occurred, on a grid that coarsens as the values grow.
///
/// Bin `i` holds the values in `[i * width, (i + 1) * width)`. The width is always the smallest power of two at which
/// ``binsPerSide`` bins to either side of zero hold everything seen. Widths of one series nest exactly, so merging two
/// bins into one when the range outgrows the grid gives the very counts that the wider grid would have given from the
/// start: the histogram does not depend on the order of the values, and its memory is fixed.
struct Histogram: Sendable {
    static let binsPerSide = 2048

    /// The counts of bins `-binsPerSide ..< binsPerSide`, without the values that are exactly zero.
    private(set) var counts = [Int](repeating: 0, count: 2 * binsPerSide)
    /// Exact zeros, which any quantization represents without error.
    private(set) var zeroCount = 0
    private(set) var total = 0
    /// The values' smallest range.
    private(set) var bounds: ActivationRange?
    private var exponent = Self.smallestExponent

    private static let smallestExponent = -100

    var width: Double { Double(sign: .plus, exponent: exponent, significand: 1) }

    var stateSize: ByteCount { ByteCount(MemoryLayout<Self>.size + counts.count * MemoryLayout<Int>.stride) }

    mutating func add(_ values: UnsafeBufferPointer<Float>, bounds: ActivationRange) {
        self.bounds = self.bounds?.union(bounds) ?? bounds
        widen(toHold: Double(bounds.largestMagnitude))
        total += values.count
        let scale = 1 / width
        var zeros = 0
        counts.withUnsafeMutableBufferPointer { counts in
            for value in values {
                if value == 0 {
                    zeros += 1
                } else {
                    counts[Int((Double(value) * scale).rounded(.down)) + Self.binsPerSide] += 1
                }
            }
        }
        zeroCount += zeros
    }

    /// The bins that are not empty: the middle of each and its count.
    var occupied: [(center: Double, count: Int)] {
        counts.indices.compactMap { index in
            counts[index] == 0 ? nil : ((Double(index - Self.binsPerSide) + 0.5) * width, counts[index])
        }
    }

    /// The value below which the fraction `level` of all values lies, interpolated within its bin.
    ///
    /// - Precondition: the histogram is not empty.
    func quantile(_ level: Double) -> Double {
        let target = level * Double(total)
        var passed = 0.0
        for (index, count) in counts.enumerated() {
            if index == Self.binsPerSide {
                passed += Double(zeroCount)
                if zeroCount > 0, passed >= target { return 0 }
            }
            if count > 0, passed + Double(count) >= target {
                return (Double(index - Self.binsPerSide) + (target - passed) / Double(count)) * width
            }
            passed += Double(count)
        }
        return Double(bounds?.upper ?? 0)
    }

    private mutating func widen(toHold magnitude: Double) {
        // `[-n * width, n * width)`: the upper end itself is outside.
        while magnitude >= width * Double(Self.binsPerSide) {
            exponent += 1
            guard total > zeroCount else { continue }
            var merged = [Int](repeating: 0, count: counts.count)
            for (index, count) in counts.enumerated() where count > 0 {
                merged[(index - Self.binsPerSide) >> 1 + Self.binsPerSide] += count
            }
            counts = merged
        }
    }
}
