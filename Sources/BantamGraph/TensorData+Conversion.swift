extension TensorData {
    /// The elements as another floating-point type, rounded to the nearest number that it has.
    ///
    /// - Returns: `nil` unless both are floating-point types.
    /// - Complexity: O(elements); O(1) where the type stays.
    public func converted(to dtype: DType) -> TensorData? {
        guard self.dtype != dtype else { return self }
        guard dtype.isFloatingPoint, self.dtype.isFloatingPoint else { return nil }
        // What published weights need, without a detour over 64 bits.
        if dtype == .float32, self.dtype == .float16 { return widened { Float(Float16(bitPattern: $0)) } }
        if dtype == .float32, self.dtype == .bfloat16 { return widened { Float(bitPattern: UInt32($0) << 16) } }
        return doubles().map { TensorData(TensorType(dtype, shape), rounding: $0) }
    }

    private func widened(_ widen: (UInt16) -> Float) -> TensorData {
        var result = TensorData(zeros: TensorType(.float32, shape))
        withUnsafeBytes { source in
            result.withUnsafeMutableElements(of: Float.self) { target in
                for index in target.indices {
                    target[index] = widen(source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
                }
            }
        }
        return result
    }
}
