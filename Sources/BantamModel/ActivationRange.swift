package import BantamGraph

/// The interval in which the values of an activation lie, or are taken to lie.
public struct ActivationRange: Hashable, Sendable, Codable {
    public var lower: Float
    public var upper: Float

    /// - Precondition: the bounds are finite and in order.
    public init(_ lower: Float, _ upper: Float) {
        precondition(lower.isFinite && upper.isFinite && lower <= upper, "\(lower)...\(upper) is no range")
        self.lower = lower
        self.upper = upper
    }

    public func union(_ other: ActivationRange) -> ActivationRange {
        ActivationRange(min(lower, other.lower), max(upper, other.upper))
    }

    public func intersection(_ other: ActivationRange) -> ActivationRange {
        let lower = min(max(lower, other.lower), upper)
        return ActivationRange(lower, max(min(upper, other.upper), lower))
    }

    /// The range together with zero: padding, ReLU and pruned channels need an exact zero.
    public var includingZero: ActivationRange { union(ActivationRange(0, 0)) }

    public var largestMagnitude: Float { max(abs(lower), abs(upper)) }
}

extension ActivationRange: CustomStringConvertible {
    public var description: String { "\(lower)...\(upper)" }
}

extension ActivationRange {
    /// The smallest range around `values`.
    ///
    /// - Returns: `nil` when there are no values, or when one is NaN or infinite.
    package init?(around values: UnsafeBufferPointer<Float>) {
        guard let base = values.baseAddress, let first = values.first else { return nil }
        // Lanes by hand: the compiler may not reorder comparisons that NaN could take part in.
        typealias Lanes = SIMD16<Float>
        var (lowers, uppers) = (Lanes(repeating: first), Lanes(repeating: first))
        var isBad = SIMDMask<Lanes.MaskStorage>(repeating: false)
        var position = 0
        while position + Lanes.scalarCount <= values.count {
            let lanes = UnsafeRawPointer(base + position).loadUnaligned(as: Lanes.self)
            lowers.replace(with: lanes, where: lanes .< lowers)
            uppers.replace(with: lanes, where: lanes .> uppers)
            isBad .|= (lanes - lanes) .!= 0
            position += Lanes.scalarCount
        }
        var (lower, upper) = (lowers.min(), uppers.max())
        var isFinite = isBad == SIMDMask(repeating: false) && first.isFinite
        for value in values[position...] {
            lower = min(lower, value)
            upper = max(upper, value)
            isFinite = isFinite && value.isFinite
        }
        guard isFinite else { return nil }
        self.init(lower, upper)
    }
}

extension ActivationRange {
    /// The smallest and the largest of `values`, in a tensor of two: NaN both where one is NaN or infinite.
    package static func bounds(of values: UnsafeBufferPointer<Float>) -> TensorData {
        let range = ActivationRange(around: values)
        return TensorData([2], [range?.lower ?? .nan, range?.upper ?? .nan])
    }
}

extension TensorData {
    /// Gives read access to float32 elements without a copy where the bytes are aligned.
    package func withFloats<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeBytes { (bytes) throws(Failure) -> Result in
            if Int(bitPattern: bytes.baseAddress) % MemoryLayout<Float>.alignment == 0 {
                return try body(bytes.bindMemory(to: Float.self))
            }
            let copy = elements(of: Float.self)
            return try copy.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in try body(buffer) }
        }
    }
}
