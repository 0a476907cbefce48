import BantamGraph

/// An array of unsigned bytes in an IDX file, the format of MNIST.
///
/// Two zero bytes, the element type (8), the number of dimensions, each dimension as 4 bytes with the highest first,
/// then the elements.
///
/// - Reference: LeCun, Cortes and Burges, *The MNIST Database of Handwritten Digits*.
struct IDXArray {
    let path: String
    let dimensions: [Int]
    /// The elements; valid as long as `content`.
    let elements: UnsafeRawBufferPointer
    let content: TensorStorage

    /// Reads a file, gzipped or not.
    ///
    /// - Parameter dimensionCount: 3 for images, 1 for labels.
    /// - Throws: One error for each rule of the format that the file breaks; `tooLarge` beyond the limits.
    init(_ path: String, dimensionCount: Int, limits: MediaLimits) throws(MediaError) {
        let content = try MediaContent.read(path, limit: limits.fileBytes)
        let bytes = content.bytes
        let headerBytes = 4 + 4 * dimensionCount
        guard bytes.count >= 4 else { throw .truncatedFile(expected: headerBytes, found: bytes.count, in: path) }
        guard bytes[0] == 0, bytes[1] == 0 else { throw .badMagic(Array(bytes.prefix(2)), in: path) }
        guard bytes[2] == 8 else { throw .unsupportedElementType(bytes[2], in: path) }
        guard Int(bytes[3]) == dimensionCount else {
            throw .wrongDimensionCount(Int(bytes[3]), expected: dimensionCount, in: path)
        }
        guard bytes.count >= headerBytes else {
            throw .truncatedFile(expected: headerBytes, found: bytes.count, in: path)
        }
        dimensions = (0..<dimensionCount).map { axis in
            Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 + 4 * axis, as: UInt32.self)))
        }
        guard dimensions.dropFirst().allSatisfy({ $0 > 0 }) else {
            throw .emptyDimension(Array(dimensions.dropFirst()), in: path)
        }
        var count = 1
        for dimension in dimensions {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow, product <= limits.fileBytes.bytes - headerBytes else {
                throw .idxTooLarge(dimensions, limit: limits.fileBytes.bytes, in: path)
            }
            count = product
        }
        let expected = headerBytes + count
        guard bytes.count >= expected else { throw .truncatedFile(expected: expected, found: bytes.count, in: path) }
        guard bytes.count == expected else { throw .trailingBytes(expected: expected, found: bytes.count, in: path) }
        self.path = path
        self.content = content
        elements = UnsafeRawBufferPointer(rebasing: bytes[headerBytes...])
    }
}
