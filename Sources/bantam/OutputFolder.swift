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
        guard access(path, W_OK) == 0 else {
            throw CommandError.unwritableFolder(path, reason: String(cString: strerror(errno)))
        }
    }
}
