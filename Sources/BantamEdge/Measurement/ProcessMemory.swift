import BantamGraph

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the kernel counts for this process, from `/proc/self`.
enum ProcessMemory {
    /// The memory in use now (`VmRSS`): what is in RAM, the touched pages of libraries and mapped files included.
    static func resident() throws(EdgeError) -> ByteCount {
        try field("VmRSS:")
    }

    /// The most memory in use since the process began, or since `clearPeak` (`VmHWM`).
    static func peak() throws(EdgeError) -> ByteCount {
        try field("VmHWM:")
    }

    /// Sets the peak back to what is in use now.
    ///
    /// - Returns: `false` where the kernel or a sandbox does not allow it.
    static func clearPeak() -> Bool {
        // proc(5): writing 5 resets the peak resident set size.
        let file = open("/proc/self/clear_refs", O_WRONLY)
        guard file >= 0 else { return false }
        defer { close(file) }
        return write(file, "5", 1) == 1
    }

    private static func field(_ name: String) throws(EdgeError) -> ByteCount {
        let path = "/proc/self/status"
        guard let text = contents(of: path) else { throw .noMemoryFigures(path) }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            guard let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
            else { break }
            return ByteCount(kibibytes * 1024)
        }
        throw .noMemoryFigures(path)
    }

    private static func contents(of path: String) -> String? {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // The whole file is about 1.5 KB, and one read returns it.
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
