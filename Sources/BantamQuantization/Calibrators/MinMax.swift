public import BantamModel

/// The range of all values seen.
///
/// Nothing is cut off, so a single outlier makes every step coarser.
public struct MinMax: Calibrator {
    public static let name = "min-max"
    public static let isOrderIndependent = true
    public static let extent = Observation.Extent.bounds
    public private(set) var range: ActivationRange?

    public init() {}

    public mutating func observe(_: UnsafeBufferPointer<Float>, bounds: ActivationRange) {
        range = range?.union(bounds) ?? bounds
    }
}
