extension TensorData {
    /// 4-bit integers as bytes, one to each, as they are computed with; any other tensor unchanged.
    ///
    /// - Complexity: O(elements) for 4-bit types.
    public func unpackingNibbles() -> TensorData {
        guard dtype == .int4 || dtype == .uint4 else { return self }
        let nibbles = withUnsafeBytes { bytes in
            (0..<elementCount).map { bytes[$0 / 2] >> UInt8($0 % 2 * 4) & 0xF }
        }
        guard dtype == .int4 else { return TensorData(shape, nibbles) }
        return TensorData(shape, nibbles.map { Int8(bitPattern: $0 << 4) >> 4 })
    }
}
