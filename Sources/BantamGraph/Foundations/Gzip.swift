import CZlib
import Glibc

/// The gzip format (RFC 1952), in which files that hold many zeros become small.
///
/// ``AtomicFile`` writes it, and this reads it.
public enum Gzip {
    /// What the name of a gzipped file ends in.
    public static let suffix = ".gz"

    /// Whether the bytes begin as a gzip file does. No ONNX file and no image does.
    public static func isCompressed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
    }

    /// What a file holds: the file itself, or what it expands to if it is gzipped.
    ///
    /// - Parameters:
    ///   - path: Where the file lies, for errors.
    ///   - limit: The most that it may expand to. Memory is asked for as the content grows, and never beyond this.
    /// - Throws: `damagedGzip`; `fileTooLarge` beyond the limit; `unreadableFile` when memory runs out.
    public static func content(
        of file: TensorStorage, at path: String, limit: ByteCount
    ) throws(GraphError) -> TensorStorage {
        guard isCompressed(file.bytes) else { return file }
        guard let decoder = GzipDecoder(file.bytes, limit: limit.bytes) else { throw .noMemory(toExpand: path) }
        defer { withExtendedLifetime(file) {} }
        switch decoder.run() {
        case .complete: return decoder.takeContent()
        case .damaged(let reason): throw .damagedGzip(path, reason: reason)
        case .tooLarge: throw .expandsTooFar(path, limit: limit)
        case .outOfMemory: throw .noMemory(toExpand: path)
        }
    }
}

/// Expands one file in memory.
private final class GzipDecoder {
    enum Outcome {
        case complete
        case damaged(String)
        case tooLarge
        case outOfMemory
    }

    private let file: UnsafeRawBufferPointer
    private let limit: Int
    /// zlib keeps the address.
    private let stream: UnsafeMutablePointer<z_stream>
    /// The bytes of the file that zlib has been given.
    private var given = 0
    private var content: UnsafeMutableRawPointer?
    private var capacity = 0
    private var count = 0

    /// zlib counts in 32 bits.
    private static let largestPiece = 1 << 30
    /// What Deflate can shrink by at most, as its authors state.
    private static let largestRatio = 1032

    /// - Returns: `nil` when memory has run out.
    init?(_ file: UnsafeRawBufferPointer, limit: Int) {
        self.file = file
        self.limit = limit
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 asks for gzip's header and checksum.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        free(content)
    }

    func run() -> Outcome {
        while true {
            guard count < capacity || grow() else { return .outOfMemory }
            let room = min(capacity - count, Self.largestPiece)
            stream.pointee.next_out = content?.advanced(by: count).assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(room)
            if stream.pointee.avail_in == 0 { giveInput() }
            let status = inflate(stream, Z_NO_FLUSH)
            count += room - Int(stream.pointee.avail_out)
            guard count <= limit else { return .tooLarge }
            switch status {
            case Z_OK: continue
            case Z_STREAM_END:
                let rest = file[(given - Int(stream.pointee.avail_in))...]
                if rest.isEmpty { return .complete }
                // A gzip file may consist of several, one after another.
                guard Gzip.isCompressed(UnsafeRawBufferPointer(rebasing: rest)), inflateReset(stream) == Z_OK else {
                    return .damaged("\(rest.count) bytes follow its end")
                }
            case Z_BUF_ERROR: return .damaged("it ends early")
            case Z_MEM_ERROR: return .outOfMemory
            default: return .damaged(stream.pointee.msg.map { String(cString: $0) } ?? "zlib's error \(status)")
            }
        }
    }

    func takeContent() -> TensorStorage {
        nonisolated(unsafe) let memory = content
        content = nil
        return TensorStorage(UnsafeRawBufferPointer(start: memory, count: count)) { free(memory) }
    }

    private func giveInput() {
        let piece = min(file.count - given, Self.largestPiece)
        stream.pointee.next_in = file.baseAddress?.advanced(by: given).assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(piece)
        given += piece
    }

    /// Makes room: at first for what the file says it holds, as far as that can be true, then by doubling.
    private func grow() -> Bool {
        var wanted = capacity * 2
        if capacity == 0 {
            let claim = file.count < 4 ? 0 : file.loadUnaligned(fromByteOffset: file.count - 4, as: UInt32.self)
            wanted = min(Int(UInt32(littleEndian: claim)), file.count * Self.largestRatio) + 1
        }
        // One byte beyond the limit tells a file of exactly that length from a longer one.
        wanted = min(max(wanted, 4096), limit + 1)
        guard let larger = realloc(content, wanted) else { return false }
        content = larger
        capacity = wanted
        return true
    }
}
