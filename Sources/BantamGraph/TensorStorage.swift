import Glibc

/// The bytes behind one or more ``TensorData``.
///
/// Immutable once shared: only ``TensorData`` writes, and only while it holds the sole reference.
public final class TensorStorage: @unchecked Sendable {
    public let bytes: UnsafeRawBufferPointer
    let isWritable: Bool
    private let release: @Sendable () -> Void
    private let isMapped: Bool

    public var byteCount: Int { bytes.count }

    var mutableBytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(mutating: bytes)
    }

    /// Wraps read-only bytes that live until `release` is called.
    ///
    /// - Parameter isMapped: Whether they are a file's, from the start of a page on.
    public init(
        _ bytes: UnsafeRawBufferPointer, isMapped: Bool = false, release: @escaping @Sendable () -> Void
    ) {
        self.bytes = bytes
        self.isMapped = isMapped
        self.isWritable = false
        self.release = release
    }

    /// Takes what was read of a mapped file out of memory. What is touched again is read again.
    func dropPages() {
        guard isMapped, let start = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
    }

    private init(owning bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = UnsafeRawBufferPointer(bytes)
        self.isMapped = false
        self.isWritable = true
        nonisolated(unsafe) let memory = bytes.baseAddress
        self.release = { free(memory) }
    }

    /// `byteCount` bytes of zeros. Fresh pages come from the system already cleared.
    ///
    /// Without memory for them the process ends, with a message that says how many they are; ``init(allocating:)``
    /// throws instead.
    public convenience init(zeroed byteCount: Int) {
        self.init(owning: Self.checked(calloc(max(byteCount, 1), 1), byteCount))
    }

    /// `byteCount` bytes of zeros.
    ///
    /// - Throws: `outOfMemory`.
    public convenience init(allocating byteCount: Int) throws(GraphError) {
        guard byteCount >= 0, let memory = calloc(max(byteCount, 1), 1) else {
            throw .outOfMemory(ByteCount(byteCount))
        }
        self.init(owning: UnsafeMutableRawBufferPointer(start: memory, count: byteCount))
    }

    /// `byteCount` bytes that `fill` writes, all of them.
    convenience init(byteCount: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
        let memory = Self.allocate(byteCount)
        fill(memory)
        self.init(owning: memory)
    }

    /// Memory with anything in it. Much of it is aligned so that the system can serve it in large pages, which it does
    /// many times faster.
    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        guard byteCount >= 2 * hugePage else { return checked(malloc(max(byteCount, 1)), byteCount) }
        var memory: UnsafeMutableRawPointer?
        let isThere = posix_memalign(&memory, hugePage, byteCount) == 0
        let bytes = checked(isThere ? memory : nil, byteCount)
        // Only advice: where the system has no large pages, small ones do.
        madvise(bytes.baseAddress, byteCount, MADV_HUGEPAGE)
        return bytes
    }

    private static let hugePage = 2 << 20

    public convenience init(copying source: UnsafeRawBufferPointer) {
        let memory = Self.checked(malloc(max(source.count, 1)), source.count)
        memory.copyMemory(from: source)
        self.init(owning: memory)
    }

    /// Ends the process where an allocation has failed: a null pointer that is written to would end it without a word.
    private static func checked(
        _ memory: UnsafeMutableRawPointer?, _ byteCount: Int
    ) -> UnsafeMutableRawBufferPointer {
        if let memory { return UnsafeMutableRawBufferPointer(start: memory, count: byteCount) }
        // Release builds of Swift do not print the text of a failed precondition.
        let text = "bantam: \(GraphError.outOfMemory(ByteCount(byteCount)).message)\n"
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        abort()
    }

    deinit { release() }
}
