import BantamGraph

/// Steps through little-endian bytes; what lies outside of them is an error, never a crash.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    mutating func integer<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(NetworkError) -> Number {
        let range = try skip(MemoryLayout<Number>.size)
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Number.self))
    }

    /// - Returns: The bytes passed over.
    @discardableResult
    mutating func skip(_ count: some BinaryInteger) throws(NetworkError) -> Range<Int> {
        guard position >= 0, position <= bytes.count, count >= 0, count <= bytes.count - position else {
            throw .damagedWeights("it ends within something of \(count) bytes", at: position)
        }
        let range = position..<position + Int(count)
        position = range.upperBound
        return range
    }

    /// The bytes up to the next line feed, which is passed over too.
    mutating func line(limit: Int) throws(NetworkError) -> Range<Int> {
        let window = bytes[position..<min(bytes.count, position + limit)]
        guard let end = window.firstIndex(of: UInt8(ascii: "\n")) else {
            throw .damagedWeights("a name has no end", at: position)
        }
        defer { position = end + 1 }
        return position..<end
    }
}
