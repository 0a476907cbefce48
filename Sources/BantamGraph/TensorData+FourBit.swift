extension TensorData {
    /// 4-bit integers, packed two to a byte, low half first; a last half byte without a number is zero.
    ///
    /// - Parameter nibbles: One to a byte, in its lower half; what the upper half holds is ignored, so that an `Int8`'s
    ///   bit pattern will do.
    /// - Precondition: `type` is a 4-bit type of as many elements.
    public init(_ type: TensorType, packing nibbles: [UInt8]) {
        precondition(type.dtype.bitWidth == 4, "\(type) is not stored in half bytes")
        precondition(nibbles.count == type.shape.elementCount, "\(nibbles.count) elements do not fill \(type)")
        let bytes = stride(from: 0, to: nibbles.count, by: 2).map { index in
            let high = index + 1 < nibbles.count ? nibbles[index + 1] << 4 : 0
            return nibbles[index] & 0xF | high
        }
        self.init(type, storage: bytes.withUnsafeBytes { TensorStorage(copying: $0) })
    }

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
