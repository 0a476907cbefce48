/// The two primitives of the protobuf wire format that are needed to frame weights without copying them.
extension [UInt8] {
    /// Appends what precedes the contents of a length-delimited field.
    mutating func appendFieldHeader(_ number: Int, length: Int) {
        appendVarint(UInt64(number) << 3 | 2)
        appendVarint(UInt64(length))
    }

    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}

/// The numbers of the fields on the way from a model to the bytes of its weights.
enum FieldNumber {
    static let modelGraph = 7
    static let graphNode = 1
    static let graphInitializer = 5
    static let tensorRawData = 9
}
