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

    /// The elements as `Float`; `nil` unless they are floating-point numbers.
    package var floats: [Float]? {
        switch dtype {
        case .float32: elements(of: Float.self)
        case .float64: elements(of: Double.self).map { Float($0) }
        case .float16: sixteenBits.map { Float(Float16(bitPattern: $0)) }
        // A bfloat16 is the upper half of a float32.
        case .bfloat16: sixteenBits.map { Float(bitPattern: UInt32($0) << 16) }
        default: nil
        }
    }

    /// Samples as a model takes them: those that were loaded as float32 rounded to bytes for one that takes the bytes
    /// themselves, others as they are.
    package func fitting(_ dtype: DType) -> TensorData {
        guard dtype == .uint8, self.dtype == .float32 else { return self }
        return TensorData(shape, elements(of: Float.self).map { UInt8(min(max($0.rounded(), 0), 255)) })
    }

    private var sixteenBits: [UInt16] {
        withUnsafeBytes { bytes in
            (0..<elementCount).map { bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self) }
        }
    }
}
