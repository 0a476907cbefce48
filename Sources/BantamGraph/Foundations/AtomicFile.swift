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

    /// Creates or replaces the file at `path` with what `body` appends.
    ///
    /// - Throws: `unwritableFile`, with the system's reason; or what `body` throws.
    public static func write(
        to path: String, _ body: (borrowing AtomicFile) throws(GraphError) -> Void
    ) throws(GraphError) {
        let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritableFile(path, reason: systemReason()) }
        var isComplete = false
        defer { if !isComplete { unlink(temporary) } }
        try fill(descriptor, path: path, body)
        guard rename(temporary, path) == 0 else { throw .unwritableFile(path, reason: systemReason()) }
        isComplete = true
    }

    private static func fill(
        _ descriptor: Int32, path: String, _ body: (borrowing AtomicFile) throws(GraphError) -> Void
    ) throws(GraphError) {
        defer { close(descriptor) }
        let file = AtomicFile(descriptor: descriptor, path: path)
        try body(file)
        guard fsync(descriptor) == 0 else { throw .unwritableFile(path, reason: systemReason()) }
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
