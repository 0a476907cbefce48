public import BantamGraph
public import BantamModel
import OrderedCollections

/// The statistics of chosen activations, collected in one pass over the calibration samples.
///
/// ```swift
/// var calibration = Calibration(of: names, with: Percentile())
/// for batch in batches {
///     for (name, data) in try taps(batch) { try calibration.observe(data, of: name) }
/// }
/// let plan = try quantization.plan(for: graph, ranges: calibration.ranges())
/// ```
///
/// Memory does not grow with the number of samples: each calibrator holds its statistic only.
public struct Calibration: Sendable {
    private var calibrators: OrderedDictionary<String, any Calibrator>

    /// - Parameters:
    ///   - values: The activations' names.
    ///   - calibrator: Copied for each activation. It must not have observed anything.
    public init(of values: [String], with calibrator: any Calibrator = MinMax()) {
        calibrators = OrderedDictionary(values.map { ($0, calibrator) }, uniquingKeysWith: { first, _ in first })
    }

    /// The activations to observe.
    public var values: [String] { calibrators.keys.elements }

    /// Takes one batch of an activation into account. Activations that are not asked for are ignored.
    ///
    /// - Throws: `notFinite`, `dtypeMismatch` or `noCalibrationData`, naming the activation.
    /// - Complexity: O(elements).
    public mutating func observe(_ data: TensorData, of value: String) throws(CompressionError) {
        guard var calibrator = calibrators[value] else { return }
        // Held once only, so that the statistic is changed in place.
        calibrators[value] = MinMax()
        defer { calibrators[value] = calibrator }
        try calibrator.observe(data, of: value)
    }

    /// The range of each activation.
    ///
    /// - Throws: `noCalibrationData`, naming an activation that was never observed.
    public func ranges() throws(CompressionError) -> [String: ActivationRange] {
        var ranges: [String: ActivationRange] = [:]
        for (value, calibrator) in calibrators {
            guard let range = calibrator.range else { throw .noCalibrationData(for: value) }
            ranges[value] = range
        }
        return ranges
    }

    /// The memory that the statistics occupy.
    public var stateSize: ByteCount {
        ByteCount(calibrators.values.reduce(0) { $0 + $1.stateSize.bytes })
    }
}
