public import BantamGraph
public import BantamModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The range at which the distribution of the quantized values differs least from that of the values, by
/// Kullback-Leibler divergence.
///
/// A threshold on the magnitude is lowered in `candidates` steps. For each, the histogram clipped to the range within
/// it (what lies outside counts at its ends) is compared with its version of 256 levels.
///
/// - Reference: Migacz, *8-bit Inference with TensorRT*, GTC 2017.
public struct Entropy: Calibrator {
    public static let name = "entropy"
    public static let isOrderIndependent = true
    private static let candidates = 128
    private static let smallestCandidate = 16
    private static let levels = 256
    private var histogram = Histogram()

    public init() {}

    public mutating func observe(_ values: UnsafeBufferPointer<Float>, bounds: ActivationRange) {
        histogram.add(values, bounds: bounds)
    }

    public var range: ActivationRange? {
        guard let bounds = histogram.bounds?.includingZero else { return nil }
        let bins = histogram.occupied
        var best = (range: bounds, divergence: Double.infinity)
        // From the widest on, so that ties keep more of the range.
        for candidate in stride(from: Self.candidates, through: Self.smallestCandidate, by: -1) {
            let threshold = bounds.largestMagnitude * (Float(candidate) / Float(Self.candidates))
            let range = bounds.intersection(ActivationRange(-threshold, threshold))
            let divergence = Self.divergence(of: bins, within: range)
            if divergence < best.divergence { best = (range, divergence) }
        }
        return best.range
    }

    public var stateSize: ByteCount { histogram.stateSize }

    /// The divergence of the clipped distribution from its quantized version; infinite where nothing is inside.
    private static func divergence(of bins: [(center: Double, count: Int)], within range: ActivationRange) -> Double {
        let (lower, upper) = (Double(range.lower), Double(range.upper))
        let inside = bins.filter { lower <= $0.center && $0.center <= upper }
        guard upper > lower, !inside.isEmpty else { return .infinity }
        let step = (upper - lower) / Double(levels - 1)
        let levelOfBin = inside.map { Int((($0.center - lower) / step).rounded()) }
        var mass = [Int](repeating: 0, count: levels)
        var binsInLevel = [Int](repeating: 0, count: levels)
        for (bin, level) in zip(inside, levelOfBin) {
            mass[level] += bin.count
            binsInLevel[level] += 1
        }
        var clipped = inside.map { Double($0.count) }
        clipped[0] += Double(bins.reduce(0) { $0 + ($1.center < lower ? $1.count : 0) })
        clipped[clipped.count - 1] += Double(bins.reduce(0) { $0 + ($1.center > upper ? $1.count : 0) })
        let clippedTotal = clipped.reduce(0, +)
        let quantizedTotal = Double(mass.reduce(0, +))
        var divergence = 0.0
        for (count, level) in zip(clipped, levelOfBin) {
            let reference = count / clippedTotal
            let quantized = Double(mass[level]) / Double(binsInLevel[level]) / quantizedTotal
            divergence += reference * log(reference / quantized)
        }
        return divergence
    }
}
