public import BantamGraph
public import BantamModel

extension QuantizationParameters {
    /// Products of two scales stay normal numbers above this one.
    static let smallestScale: Float = 0x1p-60

    /// The parameters whose integers cover `range` and zero.
    ///
    /// A range that is only zero gets the scale 1, which represents it exactly.
    public init(covering range: ActivationRange, as format: ActivationFormat) {
        let range = range.includingZero
        let limits = format.limits
        let largest = Double(limits.upperBound)
        let extent =
            format.isSymmetric
            ? Double(range.largestMagnitude) / largest
            : (Double(range.upper) - Double(range.lower)) / Double(limits.count - 1)
        let scale = extent == 0 ? 1 : Swift.max(Float(extent), Self.smallestScale)
        let steps = (-Double(range.lower) / Double(scale)).rounded(.toNearestOrEven)
        let zeroPoint = format.isSymmetric ? 0 : Swift.min(limits.lowerBound + Int(steps), limits.upperBound)
        self.init(scales: [scale], zeroPoint: zeroPoint, dtype: format.dtype, limits: limits)
    }

    /// The symmetric parameters that represent the largest weight exactly, for each channel where the format says so.
    ///
    /// Channels of zeros, which pruning leaves, take the smallest scale of the others.
    ///
    /// - Parameters:
    ///   - weight: float32.
    ///   - channelAxis: The axis that lists the output channels.
    ///   - name: For the message.
    /// - Throws: `notFinite` when a weight is NaN or infinite.
    /// - Complexity: O(elements).
    public init(
        covering weight: TensorData, channelAxis: Int, as format: WeightFormat, name: String
    ) throws(CompressionError) {
        let shape = weight.shape
        let channels = format.isPerChannel ? shape[channelAxis] : 1
        let length = format.isPerChannel ? shape.dimensions[(channelAxis + 1)...].reduce(1, *) : shape.elementCount
        var magnitudes = [Float](repeating: 0, count: channels)
        let isFinite = weight.withFloats { values in
            guard length > 0 else { return true }
            for (run, start) in stride(from: 0, to: values.count, by: length).enumerated() {
                let slice = UnsafeBufferPointer(rebasing: values[start..<start + length])
                guard let range = ActivationRange(around: slice) else { return false }
                magnitudes[run % channels] = Swift.max(magnitudes[run % channels], range.largestMagnitude)
            }
            return true
        }
        guard isFinite else { throw .notFinite(weight: name) }
        let fallback = magnitudes.filter { $0 > 0 }.min() ?? Float(format.largest)
        let scales = magnitudes.map {
            Swift.max(($0 > 0 ? $0 : fallback) / Float(format.largest), Self.smallestScale)
        }
        self.init(
            scales: scales, dtype: .int8, axis: format.isPerChannel ? channelAxis : nil,
            limits: -format.largest...format.largest)
    }

    /// Enlarges the scales of this weight where a bias at `inputScale` times them would not fit int32.
    ///
    /// That happens to channels whose weights are nearly zero beside their bias. Half of the integers are left to the
    /// products that are added to the bias.
    ///
    /// - Parameter bias: One number for each scale, or any number of them where there is one scale.
    mutating func makeRoom(forBias bias: [Float], inputScale: Float) {
        for (channel, value) in bias.enumerated() {
            let needed = abs(value) / inputScale * 0x1p-30
            let index = channel % scales.count
            if needed.isFinite { scales[index] = Swift.max(scales[index], needed) }
        }
    }

    /// The int32 parameters of a bias that is added to products of `input` and `weight`.
    ///
    /// - Parameter axis: The bias's axis of channels; `count` is its size.
    /// - Returns: `nil` when a scale would leave float32's range.
    static func bias(
        input: QuantizationParameters, weight: QuantizationParameters, axis: Int, count: Int
    ) -> QuantizationParameters? {
        let scales = (0..<count).map { input.scales[0] * weight.scales[$0 % weight.scales.count] }
        guard scales.allSatisfy(\.isNormal) else { return nil }
        return QuantizationParameters(
            scales: scales, dtype: .int32, axis: axis, limits: Int(Int32.min)...Int(Int32.max))
    }
}
