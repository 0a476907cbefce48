public import BantamModel

/// The average of the batches' ranges, which single outliers move little.
///
/// It is the plain mean over the first `1 / weight` batches, and from then on an exponential moving average.
///
/// - Reference: Jacob et al., *Quantization and Training of Neural Networks for Efficient
///   Integer-Arithmetic-Only Inference*, CVPR 2018, section 3.1.
public struct MovingAverage: Calibrator {
    public static let name = "moving-average"
    public static let isOrderIndependent = false
    public static let extent = Observation.Extent.bounds
    /// How much a batch counts, in 0...1.
    public let weight: Double
    private var lower = 0.0
    private var upper = 0.0
    private var batches = 0

    public init() { self.init(weight: 0.01) }

    /// - Precondition: `weight` is in 0...1 and not 0.
    public init(weight: Double) {
        precondition(weight > 0 && weight <= 1, "a weight of \(weight)")
        self.weight = weight
    }

    public mutating func observe(_: UnsafeBufferPointer<Float>, bounds: ActivationRange) {
        batches += 1
        let step = max(weight, 1 / Double(batches))
        lower += (Double(bounds.lower) - lower) * step
        upper += (Double(bounds.upper) - upper) * step
    }

    public var range: ActivationRange? {
        batches == 0 ? nil : ActivationRange(Float(lower), Float(max(lower, upper)))
    }
}
