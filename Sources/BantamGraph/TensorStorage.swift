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
    public convenience init(zeroed byteCount: Int) {
        self.init(owning: UnsafeMutableRawBufferPointer(start: calloc(max(byteCount, 1), 1), count: byteCount))
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
        var memory: UnsafeMutableRawPointer?
        if byteCount < 2 * hugePage {
            memory = malloc(max(byteCount, 1))
        } else if posix_memalign(&memory, hugePage, byteCount) == 0 {
            // Only advice: where the system has no large pages, small ones do.
            madvise(memory, byteCount, MADV_HUGEPAGE)
        }
        return UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
    }

    private static let hugePage = 2 << 20

    public convenience init(copying source: UnsafeRawBufferPointer) {
        let memory = UnsafeMutableRawBufferPointer(start: malloc(max(source.count, 1)), count: source.count)
        memory.copyMemory(from: source)
        self.init(owning: memory)
    }

    deinit { release() }
}
