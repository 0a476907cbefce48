import AllocationMeter
import Glibc

/// What every target shares: the fuzzer's bytes as a file, and the limit on memory.
public enum FuzzTarget {
    /// A file in memory, written anew for each input.
    private static let descriptor = {
        let name = "/dev/shm/bantam-fuzzing-\(getpid())"
        defer { unlink(name) }
        return open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    }()
    private static let path = "/proc/self/fd/\(descriptor)"

    /// Beside four times the file: what a reader may hold however small the file is.
    private static let constant = 64 << 20

    /// Lets `read` have the bytes as a file.
    ///
    /// A crash and a hang are found by the fuzzer; this ends the process when `read` has held more memory at one time
    /// than four times the file and a constant.
    public static func run(_ bytes: UnsafePointer<UInt8>?, _ count: Int, _ read: (_ path: String) -> Void) -> CInt {
        guard descriptor >= 0, ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, count, 0) == count else {
            fatal("the input cannot be written to memory")
        }
        allocation_meter_start()
        read(path)
        let peak = allocation_meter_peak()
        if peak > 4 * count + constant { fatal("\(peak) bytes were held for a file of \(count)") }
        return 0
    }

    private static func fatal(_ reason: String) -> Never {
        let text = Array("==ERROR== \(reason)\n".utf8)
        _ = write(STDERR_FILENO, text, text.count)
        abort()
    }
}
