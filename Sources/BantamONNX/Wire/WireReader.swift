/// Steps through the fields of one protobuf message without decoding them.
///
/// Every length is checked against the bytes that are there, and no arithmetic can overflow, so any input ends in
/// fields or in `corrupt` with the offset of the byte at fault.
struct WireReader {
    /// One field: where it stands, and where its contents do.
    struct Field {
        var number: Int
        /// From the tag to the end of the contents.
        var range: Range<Int>
        /// The contents of a length-delimited field (a message, text, bytes); `nil` for numbers.
        var payload: Range<Int>?
    }

    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int

    /// - Parameter range: The message's place in `bytes`; offsets in fields and errors count from the start of `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
        self.bytes = bytes
        self.position = range.lowerBound
        self.end = range.upperBound
    }

    /// The next field; `nil` at the message's end.
    mutating func next() throws(ONNXError) -> Field? {
        guard position < end else { return nil }
        let start = position
        let tag = try varint()
        guard let number = Int(exactly: tag >> 3), number > 0 else { throw .corrupt("a field has number 0", at: start) }
        switch tag & 7 {
        case 0:
            _ = try varint()
            return Field(number: number, range: start..<position, payload: nil)
        case 1:
            return Field(number: number, range: start..<(try skip(8, from: start).upperBound), payload: nil)
        case 2:
            let payload = try skip(try varint(), from: start)
            return Field(number: number, range: start..<position, payload: payload)
        case 5:
            return Field(number: number, range: start..<(try skip(4, from: start).upperBound), payload: nil)
        default:
            throw .corrupt("a field has the unknown wire type \(tag & 7)", at: start)
        }
    }

    private mutating func skip(_ count: UInt64, from start: Int) throws(ONNXError) -> Range<Int> {
        guard count <= UInt64(end - position) else {
            throw .corrupt("a field asks for \(count) bytes where \(end - position) are left", at: start)
        }
        let range = position..<position + Int(count)
        position = range.upperBound
        return range
    }

    private mutating func varint() throws(ONNXError) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard position < end else { throw .corrupt("a number ends early", at: start) }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        throw .corrupt("a number has more than 10 bytes", at: start)
    }
}
