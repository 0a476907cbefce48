public import BantamGraph
package import BantamModel

/// What ``WeightOnlyQuantization`` will do to a graph.
public struct WeightOnlyPlan: Hashable, Sendable, Codable {
    /// A constant and what it will be stored as.
    public struct Weight: Hashable, Sendable, Codable {
        /// The constant's name.
        public var value: String
        /// `int8`, `int4`, `uint4`, `float16` or `bfloat16`.
        public var dtype: DType
        /// The axis of output channels, each of which has scales of its own; `nil` for floating point.
        public var channelAxis: Int?
        /// How many numbers share a scale; `nil` for a whole channel, and for floating point.
        public var groupSize: Int?
        /// What it takes, with scales and zero points.
        public var byteCount: ByteCount
        /// The power of what rounding changes, over the power of the weight.
        public var relativeError: Double
    }

    public var weights: [Weight]
    /// Why other weights stay as they are, or take another form than was asked for: one sentence each.
    public var notes: [String]

    package init(weights: [Weight], notes: [String]) {
        self.weights = weights
        self.notes = notes
    }

    /// What the weights take, with scales and zero points.
    package var byteCount: ByteCount { weights.reduce(.zero) { $0 + $1.byteCount } }
}

extension WeightOnlyPlan.Weight {
    /// How the integers of `data` share scales; `nil` when the plan was made for a weight of another shape.
    func groups(of data: TensorData) -> ScaleGroups? {
        guard let channelAxis, data.shape.rank >= 2, data.shape.dimensions.indices.contains(channelAxis) else {
            return nil
        }
        let length = ScaleGroups.length(of: data.shape, channelAxis: channelAxis)
        if let groupSize, groupSize < 1 || !length.isMultiple(of: groupSize) { return nil }
        return ScaleGroups(of: data.shape, channelAxis: channelAxis, size: groupSize)
    }

    /// What a weight is read as when it has been stored; `nil` when the plan was made for a weight of another shape.
    ///
    /// - Throws: `notFinite`.
    package func numbers(of data: TensorData) throws(CompressionError) -> TensorData? {
        guard dtype.isFloatingPoint else {
            guard let groups = groups(of: data) else { return nil }
            return try RoundedWeight(data, in: groups, as: dtype, name: value).numbers(of: data)
        }
        return data.converted(to: dtype)?.converted(to: .float32)
    }
}
