import BantamGraph
import Glibc

/// A folder's entries, in the same order on every machine.
struct Folder {
    struct Entry {
        var name: String
        var path: String
        var isFolder: Bool
    }

    let path: String
    /// By the bytes of the name; hidden entries are left out.
    let entries: [Entry]
    /// Those whose name starts with a dot, but for the folder itself and the one above.
    let hidden: [Entry]

    var folders: [Entry] { entries.filter(\.isFolder) }
    var files: [Entry] { entries.filter { !$0.isFolder } }

    /// - Throws: `noSuchFolder`, or `cannotOpen` with the system's reason.
    init(_ path: String) throws(MediaError) {
        guard let handle = opendir(path) else {
            switch errno {
            case ENOENT: throw .noSuchFolder(path)
            case ENOTDIR: throw .notAFolder(path)
            default: throw .unreadableFolder(path, reason: String(cString: strerror(errno)))
            }
        }
        defer { closedir(handle) }
        var entries: [Entry] = []
        var hidden: [Entry] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            // The system is asked again only about links and where the file system does not say: there may be millions.
            let type = Int32(entry.pointee.d_type)
            let isFolder = type == Int32(DT_DIR) || type != Int32(DT_REG) && Self.isFolder(child)
            let each = Entry(name: name, path: child, isFolder: isFolder)
            if name.hasPrefix(".") { hidden.append(each) } else { entries.append(each) }
        }
        self.path = path
        self.entries = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.hidden = hidden.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Follows links: data sets are often made of them.
    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }
}
