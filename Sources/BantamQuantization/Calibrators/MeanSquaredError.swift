public import BantamGraph
public import BantamModel

/// The range at which the values lose least to quantization in mean squared error.
///
/// Values inside the range lose `step^2 / 12` on average, values outside the square of their distance to it. Each end
/// is moved in turn over `candidates` positions between zero and the observed bound.
///
/// - Reference: Choukroun et al., *Low-bit Quantization of Neural Networks for Efficient Inference*, ICCVW 2019.
public struct MeanSquaredError: Calibrator {
    public static let name = "mse"
    public static let isOrderIndependent = true
    private static let candidates = 100
    private static let steps = 255.0
    private var histogram = Histogram()

    public init() {}

    public mutating func observe(_ values: UnsafeBufferPointer<Float>, bounds: ActivationRange) {
        histogram.add(values, bounds: bounds)
    }

    public var range: ActivationRange? {
        guard let bounds = histogram.bounds?.includingZero else { return nil }
        let bins = histogram.occupied
        var range = bounds
        for _ in 0..<2 {
            range = Self.best(of: bins, among: Self.fractions.map { ActivationRange(range.lower, bounds.upper * $0) })
            range = Self.best(of: bins, among: Self.fractions.map { ActivationRange(bounds.lower * $0, range.upper) })
        }
        return range
    }

    public var stateSize: ByteCount { histogram.stateSize }

    /// From the widest on, so that ties keep more of the range.
    private static let fractions = stride(from: candidates, through: 1, by: -1).map { Float($0) / Float(candidates) }

    private static func best(
        of bins: [(center: Double, count: Int)], among ranges: [ActivationRange]
    ) -> ActivationRange {
        var best = (range: ranges[0], error: Double.infinity)
        for range in ranges {
            let error = error(of: bins, within: range)
            if error < best.error { best = (range, error) }
        }
        return best.range
    }

    /// The sum of squared errors.
    private static func error(of bins: [(center: Double, count: Int)], within range: ActivationRange) -> Double {
        let (lower, upper) = (Double(range.lower), Double(range.upper))
        let step = (upper - lower) / steps
        let rounding = step * step / 12
        return bins.reduce(0) { sum, bin in
            let distance = bin.center - min(max(bin.center, lower), upper)
            return sum + Double(bin.count) * (distance == 0 ? rounding : distance * distance)
        }
    }
}
