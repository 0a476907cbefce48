public import BantamGraph
public import BantamModel

/// Chooses the range of an activation from what it sees of it.
///
/// A calibrator is a streaming statistic: it looks at each batch once and keeps an amount of memory that does not
/// depend on how many there are. To add one, write one file beside this one and one line in ``Calibrators``.
public protocol Calibrator: Sendable {
    /// For the command line and for records: `"min-max"`.
    static var name: String { get }

    /// Whether the range does not depend on the order of the batches.
    static var isOrderIndependent: Bool { get }

    /// What of an activation must be seen; for a statistic of bounds, the bounds.
    static var extent: Observation.Extent { get }

    /// With the recommended settings.
    init()

    /// Takes a batch into account.
    ///
    /// Called by ``Calibrator/observe(_:of:)``, which has checked the values.
    ///
    /// - Parameters:
    ///   - values: At least one; all finite.
    ///   - bounds: The smallest and the largest of them.
    mutating func observe(_ values: UnsafeBufferPointer<Float>, bounds: ActivationRange)

    /// The range that the integers should cover; `nil` as long as nothing was observed.
    var range: ActivationRange? { get }

    /// The memory that the statistic occupies.
    var stateSize: ByteCount { get }
}

extension Calibrator {
    public static var extent: Observation.Extent { .elements }

    public var stateSize: ByteCount { ByteCount(MemoryLayout<Self>.size) }

    /// Takes a batch of an activation into account.
    ///
    /// - Parameters:
    ///   - data: float32, of any shape.
    ///   - value: The activation's name, for messages.
    /// - Throws: `notFinite` for NaN or infinity, `dtypeMismatch` for other types than float32, `noCalibrationData` for
    ///   a tensor without elements.
    public mutating func observe(_ data: TensorData, of value: String) throws(CompressionError) {
        guard data.dtype == .float32 else { throw .activationDType(data.dtype, of: value) }
        guard data.elementCount > 0 else { throw .emptyActivation(data.type, of: value) }
        try data.withFloats { (values) throws(CompressionError) in
            guard let bounds = ActivationRange(around: values) else { throw .notFinite(activation: value) }
            observe(values, bounds: bounds)
        }
    }
}
