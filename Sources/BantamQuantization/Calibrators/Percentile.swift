public import BantamGraph
public import BantamModel

/// The range that holds all but the same small fraction of the values at either end.
///
/// - Reference: McKinstry et al., *Discovering Low-Precision Networks Close to Full-Precision Networks*, 2018.
public struct Percentile: Calibrator {
    public static let name = "percentile"
    public static let isOrderIndependent = true
    /// The percentage of values below the upper end, as above the lower end; in 50...100.
    public let percentile: Double
    private var histogram = Histogram()

    public init() { self.init(percentile: 99.99) }

    /// - Precondition: `percentile` is in 50...100.
    public init(percentile: Double) {
        precondition((50...100).contains(percentile), "percentile \(percentile)")
        self.percentile = percentile
    }

    public mutating func observe(_ values: UnsafeBufferPointer<Float>, bounds: ActivationRange) {
        histogram.add(values, bounds: bounds)
    }

    public var range: ActivationRange? {
        guard let bounds = histogram.bounds else { return nil }
        let lower = Float(histogram.quantile(1 - percentile / 100))
        let upper = Float(histogram.quantile(percentile / 100))
        return ActivationRange(min(lower, upper), max(lower, upper)).intersection(bounds)
    }

    public var stateSize: ByteCount { histogram.stateSize }
}
