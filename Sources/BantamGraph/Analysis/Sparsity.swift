extension Graph {
    /// How many learned numbers (weights, biases, in whatever type they are stored) are not zero.
    ///
    /// - Complexity: O(weights).
    public var nonzeroParameterCount: Int {
        learnedConstants(constantUses()).reduce(0) { sum, value in sum + (constants[value]?.nonzeroCount ?? 0) }
    }
}

extension TensorData {
    /// Elements other than zero. A negative zero is zero.
    var nonzeroCount: Int {
        switch dtype {
        case .float32: elements(of: Float.self).count { $0 != 0 }
        case .int8: elements(of: Int8.self).count { $0 != 0 }
        case .uint8: elements(of: UInt8.self).count { $0 != 0 }
        case .float64, .float16, .bfloat16: doubles()?.count { $0 != 0 } ?? 0
        case .int4, .uint4: nonzeroHalfBytes
        default: elementCount
        }
    }

    private var nonzeroHalfBytes: Int {
        withUnsafeBytes { bytes in
            (0..<elementCount).count { bytes[$0 / 2] >> ($0.isMultiple(of: 2) ? 0 : 4) & 0xF != 0 }
        }
    }
}
