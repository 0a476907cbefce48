import FoundationEssentials
import Glibc

enum OutputFolder {
    /// Makes a folder and those above it, unless they are there.
    static func create(_ path: String) throws {
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            made += (made.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            guard !part.isEmpty else {
                made = ""
                continue
            }
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw CommandError.unwritableFolder(path, reason: String(cString: strerror(errno)))
            }
        }
        try requireWritable(path)
    }

    /// Gives a folder to `body` that is removed afterwards.
    static func temporary<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder =
            FileManager.default.temporaryDirectory.path + "/bantam-\(getpid())-\(UInt32.random(in: 0...(.max)))"
        try create(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    /// Checks before the work what would otherwise be found out after it: that a file can be made at `path`.
    static func requirePlace(for path: String) throws {
        let end = path.lastIndex(of: "/")
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        try requireWritable(folder)
        var facts = stat()
        if stat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG { throw CommandError.noFile(path) }
        // Only a trial shows what permissions do not, such as a file system that takes no files.
        let trial = "\(path).\(getpid()).tmp"
        let descriptor = open(trial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw CommandError.unwritableFolder(folder, reason: String(cString: strerror(errno)))
        }
        close(descriptor)
        unlink(trial)
    }

    /// Where a model goes that does not keep to its limits: `small.onnx` becomes `small.rejected.onnx`.
    static func rejectedName(of path: String) -> String { inserting("rejected", into: path) }

    static func isRejected(_ path: String) -> Bool {
        [".onnx.gz", ".onnx"].contains { path.hasSuffix(".rejected\($0)") }
    }

    /// `small.onnx` and `part` become `small.part.onnx`.
    private static func inserting(_ part: String, into path: String) -> String {
        for suffix in [".onnx.gz", ".onnx"] where path.hasSuffix(suffix) {
            return String(path.dropLast(suffix.count)) + ".\(part)\(suffix)"
        }
        return "\(path).\(part).onnx"
    }

    private static func requireWritable(_ folder: String) throws {
        var facts = stat()
        guard stat(folder, &facts) == 0, access(folder, W_OK) == 0 else {
            throw CommandError.unwritableFolder(folder, reason: String(cString: strerror(errno)))
        }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            throw CommandError.unwritableFolder(folder, reason: "it is a file")
        }
    }
}
