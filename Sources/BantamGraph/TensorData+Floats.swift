extension TensorData {
    /// The elements of a floating-point tensor, widened.
    ///
    /// - Returns: `nil` for integers and flags.
    /// - Complexity: O(elements).
    public func doubles() -> [Double]? {
        switch dtype {
        case .float64: elements(of: Double.self)
        case .float32: elements(of: Float.self).map(Double.init)
        case .float16: words().map { Double(Float16(bitPattern: $0)) }
        case .bfloat16: words().map { Double(Float(bitPattern: UInt32($0) << 16)) }
        default: nil
        }
    }

    /// The elements as numbers, whatever their type; flags are 0 and 1. Integers beyond 2⁵³ are rounded.
    ///
    /// - Complexity: O(elements).
    var numbers: [Double] {
        switch dtype {
        case .float64, .float32, .float16, .bfloat16: doubles() ?? []
        case .int64: elements(of: Int64.self).map(Double.init)
        case .int32: elements(of: Int32.self).map(Double.init)
        case .int16: elements(of: Int16.self).map(Double.init)
        case .int8: elements(of: Int8.self).map(Double.init)
        case .uint64: elements(of: UInt64.self).map(Double.init)
        case .uint32: elements(of: UInt32.self).map(Double.init)
        case .uint16: elements(of: UInt16.self).map(Double.init)
        case .uint8: elements(of: UInt8.self).map(Double.init)
        case .bool: elements(of: Bool.self).map { $0 ? 1 : 0 }
        case .int4, .uint4: unpackingNibbles().numbers
        }
    }

    /// A floating-point tensor of these elements, each rounded to the nearest number the type has.
    ///
    /// - Precondition: `type` is a floating-point type of as many elements.
    /// - Complexity: O(elements).
    public init(_ type: TensorType, rounding elements: [Double]) {
        switch type.dtype {
        case .float64: self.init(type.shape, elements)
        case .float32: self.init(type.shape, elements.map { Float($0) })
        case .float16: self.init(type, words: elements.map { Float16($0).bitPattern })
        case .bfloat16: self.init(type, words: elements.map { Self.bfloat16Bits(Float($0)) })
        default: preconditionFailure("\(type) is no floating-point type")
        }
    }

    /// The upper half of a Float's bits, rounded to nearest, ties to even.
    private static func bfloat16Bits(_ number: Float) -> UInt16 {
        let bits = number.bitPattern
        if number.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x0040 }
        return UInt16(truncatingIfNeeded: (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)
    }

    private func words() -> [UInt16] {
        withUnsafeBytes { bytes in
            (0..<elementCount).map { bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self) }
        }
    }

    private init(_ type: TensorType, words: [UInt16]) {
        precondition(words.count == type.shape.elementCount, "\(words.count) elements do not fill \(type)")
        self.init(type, storage: words.withUnsafeBytes { TensorStorage(copying: $0) })
    }
}
