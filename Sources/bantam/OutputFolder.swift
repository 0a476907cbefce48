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

    /// Checks before the work what would otherwise be found out after it: that a file can be made at `path`.
    static func requirePlace(for path: String) throws {
        let end = path.lastIndex(of: "/")
        try requireWritable(end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
        var facts = stat()
        guard stat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw CommandError.noFile(path) }
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
