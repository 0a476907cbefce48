import Glibc

/// A whole file, mapped into memory for reading.
///
/// Weights taken from it are views (``TensorStorage``) that keep it mapped; the system reads a page when it is first
/// touched, so opening a large model costs nothing.
public enum MappedFile {
    /// - Throws: `unreadableFile`, with the system's reason.
    public static func open(_ path: String) throws(GraphError) -> TensorStorage {
        // Opening a named pipe would otherwise wait for a writer; it is refused below.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadableFile(path, reason: systemReason()) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw .unreadableFile(path, reason: systemReason()) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw .unreadableFile(path, reason: "it is not a file") }
        let size = Int(facts.st_size)
        guard size > 0 else { return TensorStorage(zeroed: 0) }
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED else {
            throw .unreadableFile(path, reason: systemReason())
        }
        nonisolated(unsafe) let mapping = memory
        return TensorStorage(UnsafeRawBufferPointer(start: memory, count: size), isMapped: true) {
            munmap(mapping, size)
        }
    }
}

/// What the last failed system call reported.
func systemReason() -> String { String(cString: strerror(errno)) }
