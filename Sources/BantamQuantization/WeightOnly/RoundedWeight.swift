import BantamGraph
import BantamModel

/// A weight rounded to integers, with the scales and zero points that lose least.
struct RoundedWeight {
    let groups: ScaleGroups
    /// `int8`, `int4` or `uint4`.
    let dtype: DType
    /// One for each group.
    let scales: [Float]
    /// One for each group for `uint4`; none for the others, where zero is 0.
    let zeroPoints: [Int]
    /// The sum of the squares of what rounding changes.
    let squaredError: Double

    /// How much of the range is covered: an outlier that is cut off can cost less than what it makes coarse.
    private static let coverages: [Float] = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7]

    /// Rounds to 8 bits, or to 4 with or without zero points, whichever changes the weight less.
    ///
    /// - Parameters:
    ///   - data: float32.
    ///   - bits: 8 or 4.
    ///   - name: For the message.
    /// - Throws: `notFinite`.
    /// - Complexity: O(elements), some 20 visits of each for 4 bits.
    static func best(
        _ data: TensorData, in groups: ScaleGroups, bits: Int, name: String
    ) throws(CompressionError) -> RoundedWeight {
        guard let ranges = GroupRanges(of: data, in: groups) else { throw .notFinite(weight: name) }
        guard bits == 4 else { return RoundedWeight(data, in: groups, as: .int8, ranges) }
        let symmetric = RoundedWeight(data, in: groups, as: .int4, ranges)
        let asymmetric = RoundedWeight(data, in: groups, as: .uint4, ranges)
        return asymmetric.squaredError < symmetric.squaredError ? asymmetric : symmetric
    }

    /// - Throws: `notFinite`.
    init(_ data: TensorData, in groups: ScaleGroups, as dtype: DType, name: String) throws(CompressionError) {
        guard let ranges = GroupRanges(of: data, in: groups) else { throw .notFinite(weight: name) }
        self.init(data, in: groups, as: dtype, ranges)
    }

    private init(_ data: TensorData, in groups: ScaleGroups, as dtype: DType, _ ranges: GroupRanges) {
        self.groups = groups
        self.dtype = dtype
        let whole = ranges.scales(of: dtype)
        let zeroPoints = ranges.zeroPoints(of: dtype)
        self.zeroPoints = zeroPoints
        var best = whole
        var errors = [Double](repeating: .infinity, count: whole.count)
        for coverage in dtype == .int8 ? [1] : Self.coverages {
            let scales = whole.map { $0 * coverage }
            let found = Self.squaredErrors(of: data, in: groups, dtype, scales, zeroPoints)
            for group in found.indices where found[group] < errors[group] {
                errors[group] = found[group]
                best[group] = scales[group]
            }
        }
        scales = best
        squaredError = errors.reduce(0, +)
    }

    /// The integers in use: symmetric ones leave out the lowest, so that a weight and its negative round alike.
    static func limits(of dtype: DType) -> ClosedRange<Float> {
        switch dtype {
        case .int8: -127...127
        case .int4: -7...7
        case .uint4: 0...15
        default: preconditionFailure("weights rounded to \(dtype.rawValue)")
        }
    }

    private static func squaredErrors(
        of data: TensorData, in groups: ScaleGroups, _ dtype: DType, _ scales: [Float], _ zeroPoints: [Int]
    ) -> [Double] {
        var errors = [Double](repeating: 0, count: scales.count)
        let rounding = Rounding(limits: limits(of: dtype), scales: scales, zeroPoints: zeroPoints)
        data.withFloats { values in
            groups.forEachRun { run in
                for (offset, index) in run.range.enumerated() {
                    let group = run.group(offset)
                    let error = Double(rounding.number(rounding.integer(values[index], group), group) - values[index])
                    errors[group] += error * error
                }
            }
        }
        return errors
    }

    // MARK: In the file

    /// The integers nearest to the numbers of `data`, in ``ScaleGroups/storedShape``.
    func integers(of data: TensorData) -> TensorData {
        let rounding = rounding
        let bytes = elements(of: data) { Int8(rounding.integer($0, $1)) }
        if dtype == .int8 { return TensorData(groups.storedShape, bytes) }
        return TensorData(
            TensorType(dtype, groups.storedShape), packing: bytes.map { UInt8(bitPattern: $0) })
    }

    /// What the integers nearest to the numbers of `data` stand for, in its shape.
    func numbers(of data: TensorData) -> TensorData {
        let rounding = rounding
        return TensorData(data.shape, elements(of: data) { rounding.number(rounding.integer($0, $1), $1) })
    }

    private var rounding: Rounding {
        Rounding(limits: Self.limits(of: dtype), scales: scales, zeroPoints: zeroPoints)
    }

    /// - Parameter body: Is given each number of `data` and its group.
    private func elements<Element: Numeric>(of data: TensorData, _ body: (Float, Int) -> Element) -> [Element] {
        var elements = [Element](repeating: 0, count: data.elementCount)
        data.withFloats { values in
            groups.forEachRun { run in
                for (offset, index) in run.range.enumerated() {
                    elements[index] = body(values[index], run.group(offset))
                }
            }
        }
        return elements
    }

    var scaleData: TensorData { TensorData(groups.scaleShape, scales) }

    /// `nil` where zero is 0, as ONNX assumes then.
    var zeroPointData: TensorData? {
        guard !zeroPoints.isEmpty else { return nil }
        return TensorData(TensorType(dtype, groups.scaleShape), packing: zeroPoints.map { UInt8($0) })
    }
}

/// What integers stand for which numbers.
private struct Rounding {
    let limits: ClosedRange<Float>
    let scales: [Float]
    let zeroPoints: [Int]

    func integer(_ value: Float, _ group: Int) -> Float {
        let offset = zeroPoints.isEmpty ? 0 : Float(zeroPoints[group])
        let rounded = (value / scales[group]).rounded(.toNearestOrEven) + offset
        return min(max(rounded, limits.lowerBound), limits.upperBound)
    }

    func number(_ integer: Float, _ group: Int) -> Float {
        let offset = zeroPoints.isEmpty ? 0 : Float(zeroPoints[group])
        return (integer - offset) * scales[group]
    }
}

/// The least and the greatest number of each group, zero included.
private struct GroupRanges {
    private var lower: [Float]
    private var upper: [Float]

    /// `nil` when a number is NaN or infinite.
    init?(of data: TensorData, in groups: ScaleGroups) {
        let count = groups.scaleShape.elementCount
        var lower = [Float](repeating: 0, count: count)
        var upper = [Float](repeating: 0, count: count)
        var isFinite = true
        data.withFloats { values in
            groups.forEachRun { run in
                for (offset, index) in run.range.enumerated() {
                    let (value, group) = (values[index], run.group(offset))
                    isFinite = isFinite && value.isFinite
                    lower[group] = min(lower[group], value)
                    upper[group] = max(upper[group], value)
                }
            }
        }
        guard isFinite else { return nil }
        (self.lower, self.upper) = (lower, upper)
    }

    /// The scales at which the integers cover the ranges. Groups of zeros, which pruning leaves, get 1.
    func scales(of dtype: DType) -> [Float] {
        let largest = Double(RoundedWeight.limits(of: dtype).upperBound)
        return zip(lower, upper).map { lower, upper in
            let extent = dtype == .uint4 ? Double(upper) - Double(lower) : max(Double(upper), -Double(lower))
            return extent == 0 ? 1 : max(Float(extent / largest), QuantizationParameters.smallestScale)
        }
    }

    /// The integers nearest to where zero would be. Zero is exact with any.
    func zeroPoints(of dtype: DType) -> [Int] {
        guard dtype == .uint4 else { return [] }
        return zip(lower, upper).map { lower, upper in
            let extent = Double(upper) - Double(lower)
            return extent == 0 ? 0 : Int((-Double(lower) / extent * 15).rounded(.toNearestOrEven))
        }
    }
}
