import BantamGraph

enum Comparison {
    /// The largest difference of any output, relative to the largest number in it.
    static func difference(_ outputs: [TensorData], _ expected: [TensorData]) throws -> Double {
        guard outputs.count == expected.count else {
            throw ConformanceError("\(outputs.count) outputs instead of \(expected.count)")
        }
        var largest = 0.0
        for (index, (output, expected)) in zip(outputs, expected).enumerated() {
            guard output.type == expected.type else {
                throw ConformanceError("output \(index) is \(output.type) instead of \(expected.type)")
            }
            guard let numbers = output.doubles(), let expectedNumbers = expected.doubles() else {
                largest = output == expected ? largest : .infinity
                continue
            }
            var (difference, magnitude) = (0.0, 1e-30)
            for (number, expected) in zip(numbers, expectedNumbers) where number != expected {
                let isSame = number.isNaN && expected.isNaN
                difference = isSame ? difference : max(difference, abs(number - expected))
                if (number - expected).isNaN && !isSame { difference = .infinity }
            }
            for expected in expectedNumbers where expected.isFinite { magnitude = max(magnitude, abs(expected)) }
            largest = max(largest, difference / magnitude)
        }
        return largest
    }
}

extension TensorData {
    /// ONNX's files store bfloat16, which NumPy lacks, as the uint16 of the same bits.
    func reinterpreted(as dtype: DType) -> TensorData {
        guard self.dtype == .uint16, dtype == .bfloat16 else { return self }
        return TensorData(TensorType(dtype, shape), storage: withUnsafeBytes { TensorStorage(copying: $0) })
    }

    /// How this differs from what ONNX expects, for a person; `nil` when it does not.
    ///
    /// As in ONNX's own runner, floating-point numbers may differ by 1e-7 + 0.001 |expected|; all else must be equal.
    /// Those in bfloat16 may differ in the last place: ONNX's files cut off what libtorch rounds. 4-bit integers come out of the executor one to a byte.
    func difference(fromReference expected: TensorData) -> String? {
        let isWidened = expected.dtype == .int4 && dtype == .int8 || expected.dtype == .uint4 && dtype == .uint8
        guard shape == expected.shape, dtype == expected.dtype || isWidened else {
            return "\(type) instead of \(expected.type)"
        }
        guard let numbers = doubles(), let expectedNumbers = expected.doubles() else {
            let (words, expectedWords) = (integers, expected.integers)
            guard let index = words.indices.first(where: { words[$0] != expectedWords[$0] }) else { return nil }
            return "element \(index) of \(type) is \(words[index]) instead of \(expectedWords[index])"
        }
        let tolerance = dtype == .bfloat16 ? 0x1p-7 : 1e-3
        for (index, (number, expected)) in zip(numbers, expectedNumbers).enumerated() {
            if number == expected || number.isNaN && expected.isNaN { continue }
            if abs(number - expected) <= 1e-7 + tolerance * abs(expected) { continue }
            return "element \(index) of \(type) is \(number) instead of \(expected)"
        }
        return nil
    }

    /// The elements of an integer type, as words of 64 bits.
    private var integers: [Int64] {
        let isSigned = dtype.rawValue.hasPrefix("int")
        let unused = Int64.bitWidth - dtype.bitWidth
        return withUnsafeBytes { bytes in
            (0..<elementCount).map { index in
                let firstBit = index * dtype.bitWidth
                var word: UInt64 = 0
                for byte in 0..<max(dtype.bitWidth / 8, 1) {
                    word |= UInt64(bytes[firstBit / 8 + byte]) << UInt64(8 * byte)
                }
                word >>= UInt64(firstBit % 8)
                let shifted = word << UInt64(unused)
                return isSigned ? Int64(bitPattern: shifted) >> unused : Int64(bitPattern: shifted >> UInt64(unused))
            }
        }
    }
}
