package import BantamGraph

extension TensorData {
    /// The means over all axes but axis 1, or over all elements where there is none: `[C]`.
    package var channelMeans: TensorData {
        let channels = shape.rank > 1 ? shape[1] : 1
        let inner = shape.dimensions.dropFirst(2).reduce(1, *)
        var sums = [Double](repeating: 0, count: channels)
        withFloats { values in
            for start in stride(from: 0, to: values.count, by: max(inner, 1)) {
                sums[start / max(inner, 1) % channels] += values[start..<start + inner].reduce(0) { $0 + Double($1) }
            }
        }
        let count = Double(max(elementCount / max(channels, 1), 1))
        return TensorData([channels], sums.map { Float($0 / count) })
    }
}
