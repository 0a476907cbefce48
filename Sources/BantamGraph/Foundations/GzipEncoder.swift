import CZlib

/// Compresses bytes as they come, in the gzip format.
final class GzipEncoder {
    /// What bytes are, and so how to look for what repeats in them.
    enum Content {
        /// Names and structure: anything may come again.
        case text
        /// Weights: nothing repeats but zeros. To look for more takes five times as long and finds nothing; see
        /// docs/decisions/0013.
        case numbers
    }

    /// zlib keeps the address.
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer
    private var content = Content.text

    /// What is too little to change the way for: each change costs some tens of bytes.
    private static let fewBytes = 4096

    /// - Returns: `nil` when memory has run out.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: 256 << 10, alignment: 16)
        // 16 asks for gzip's header and checksum.
        let status = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            output.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// - Parameter write: Takes compressed bytes, in order; those of this call may come in a later one.
    func append(
        _ bytes: UnsafeRawBufferPointer, _ content: Content,
        write: (UnsafeRawBufferPointer) throws(GraphError) -> Void
    ) throws(GraphError) {
        if content != self.content, bytes.count >= Self.fewBytes {
            self.content = content
            let strategy = content == .numbers ? Z_RLE : Z_DEFAULT_STRATEGY
            try run(write) { deflateParams($0, Z_DEFAULT_COMPRESSION, strategy) }
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            // zlib counts in 32 bits.
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            stream.pointee.next_in = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_in = UInt32(piece.count)
            try run(write) { deflate($0, Z_NO_FLUSH) }
            rest = rest.dropFirst(piece.count)
        }
    }

    /// Writes what is left, and the checksum.
    func finish(write: (UnsafeRawBufferPointer) throws(GraphError) -> Void) throws(GraphError) {
        try run(write) { deflate($0, Z_FINISH) }
    }

    /// Has zlib take a step until it leaves room in the output: then it has nothing more to say.
    private func run(
        _ write: (UnsafeRawBufferPointer) throws(GraphError) -> Void,
        step: (UnsafeMutablePointer<z_stream>) -> Int32
    ) throws(GraphError) {
        repeat {
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(output.count)
            let status = step(stream)
            precondition(status != Z_STREAM_ERROR, "zlib lost its state")
            try write(UnsafeRawBufferPointer(rebasing: output[..<(output.count - Int(stream.pointee.avail_out))]))
        } while stream.pointee.avail_out == 0
    }
}
