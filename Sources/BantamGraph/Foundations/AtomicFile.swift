import Glibc

/// A file that appears complete or not at all.
///
/// Bytes go to a temporary file beside the destination, which takes the destination's name when all are on disk.
/// A failure (a full disk, a killed process) leaves what was there before.
///
/// ```swift
/// try AtomicFile.write(to: "model.onnx") { (file) throws(GraphError) in
///     try file.append(header)
///     try weight.withUnsafeBytes { (bytes) throws(GraphError) in try file.append(bytes) }
/// }
/// ```
public struct AtomicFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    /// `nil` for bytes that are written as they come.
    private let encoder: GzipEncoder?

    /// Creates or replaces the file at `path` with what `body` appends.
    ///
    /// - Parameter compressed: Whether to write it in the gzip format. What is appended alike gives the same bytes.
    /// - Returns: The size of the file.
    /// - Throws: `unwritableFile`, with the system's reason; or what `body` throws.
    @discardableResult
    public static func write(
        to path: String, compressed: Bool = false, _ body: (borrowing AtomicFile) throws(GraphError) -> Void
    ) throws(GraphError) -> ByteCount {
        let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritableFile(path, reason: systemReason()) }
        var isComplete = false
        defer { if !isComplete { unlink(temporary) } }
        let size = try fill(descriptor, path: path, compressed: compressed, body)
        guard rename(temporary, path) == 0 else { throw .unwritableFile(path, reason: systemReason()) }
        isComplete = true
        return size
    }

    private static func fill(
        _ descriptor: Int32, path: String, compressed: Bool,
        _ body: (borrowing AtomicFile) throws(GraphError) -> Void
    ) throws(GraphError) -> ByteCount {
        defer { close(descriptor) }
        let encoder = compressed ? GzipEncoder() : nil
        if compressed, encoder == nil { throw .unwritableFile(path, reason: "no memory to compress it") }
        let file = AtomicFile(descriptor: descriptor, path: path, encoder: encoder)
        try body(file)
        try encoder?.finish { (bytes) throws(GraphError) in try write(bytes, to: descriptor, path: path) }
        var facts = stat()
        guard fsync(descriptor) == 0, fstat(descriptor, &facts) == 0 else {
            throw .unwritableFile(path, reason: systemReason())
        }
        return ByteCount(Int(facts.st_size))
    }

    /// Creates or replaces a text file.
    public static func write(_ text: String, to path: String) throws(GraphError) {
        try write(to: path) { (file) throws(GraphError) in try file.append(Array(text.utf8)) }
    }

    public borrowing func append(_ bytes: [UInt8]) throws(GraphError) {
        // The array's own scope does not carry the type of what is thrown in it.
        let outcome = bytes.withUnsafeBytes { bytes in
            Result { () throws(GraphError) in try append(bytes) }
        }
        try outcome.get()
    }

    public borrowing func append(_ bytes: UnsafeRawBufferPointer) throws(GraphError) {
        try append(bytes, .text)
    }

    /// Appends weights, which are compressed in a way of their own where the file is.
    public borrowing func append(numbers bytes: UnsafeRawBufferPointer) throws(GraphError) {
        try append(bytes, .numbers)
    }

    private borrowing func append(
        _ bytes: UnsafeRawBufferPointer, _ content: GzipEncoder.Content
    ) throws(GraphError) {
        guard let encoder else { return try AtomicFile.write(bytes, to: descriptor, path: path) }
        let (descriptor, path) = (descriptor, path)
        try encoder.append(bytes, content) { (bytes) throws(GraphError) in
            try AtomicFile.write(bytes, to: descriptor, path: path)
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
    ) throws(GraphError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The kernel takes at most 2 GiB at once.
            let count = Glibc.write(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, min(rest.count, 1 << 30))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .unwritableFile(path, reason: systemReason()) }
            rest = rest.dropFirst(count)
        }
    }
}
