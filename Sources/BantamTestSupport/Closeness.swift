public import BantamGraph

extension TensorData {
    /// How this differs from what was expected, for a person; `nil` when it does not.
    ///
    /// Floating-point numbers of any type may differ by `tolerance`, in proportion where they are larger than 1.
    /// Integers and flags must be equal, and so must infinities, NaNs and shapes.
    public func difference(from expected: TensorData, tolerance: Double = 1e-5) -> String? {
        guard shape == expected.shape else { return "\(type) instead of \(expected.type)" }
        guard let numbers = doubles(), let expectedNumbers = expected.doubles() else {
            guard dtype == expected.dtype else { return "\(type) instead of \(expected.type)" }
            return self == expected ? nil : "other \(dtype.rawValue)s: \(integers()) instead of \(expected.integers())"
        }
        var worst = (error: tolerance, index: -1)
        for (index, (number, expected)) in zip(numbers, expectedNumbers).enumerated() {
            if number == expected || number.isNaN && expected.isNaN { continue }
            let error = abs(number - expected) / max(1, abs(expected))
            if !(error <= worst.error) { worst = (error.isNaN ? .infinity : error, index) }
        }
        guard worst.index >= 0 else { return nil }
        let (number, other) = (numbers[worst.index], expectedNumbers[worst.index])
        return "element \(worst.index) of \(shape) is \(number) instead of \(other)"
    }

    /// The first few elements, whatever integers they are.
    private func integers() -> [Int64] {
        let width = dtype.bitWidth / 8
        guard width > 0 else { return [] }
        return withUnsafeBytes { bytes in
            (0..<min(elementCount, 32)).map { index in
                var word: UInt64 = 0
                for byte in (0..<width).reversed() { word = word << 8 | UInt64(bytes[index * width + byte]) }
                let unused = 64 - 8 * width
                let isSigned = dtype.rawValue.hasPrefix("int")
                return isSigned ? Int64(bitPattern: word << unused) >> unused : Int64(bitPattern: word)
            }
        }
    }
}
