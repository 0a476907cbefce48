public import BantamGraph
import Glibc

/// Which files of a data set belong together, such as the pictures of one person: from a CSV file.
///
/// Each line is `file,group`, with the file's path within the data set's folder. A first line that names the columns is
/// optional; with one, they may stand in another order and beside others. Fields may be quoted as in RFC 4180.
public struct SampleGroups: Sendable {
    private struct Entry {
        var group: String
        var line: Int
    }

    public let path: String
    private let entries: [String: Entry]

    /// The number of files with a group.
    public var count: Int { entries.count }

    /// - Throws: `cannotOpen`, `tooLarge`, or `invalidGroups` with the line: another number of fields, an empty field, a
    ///   file that stands twice, a quote without an end.
    public init(csv path: String, limits: MediaLimits = .standard) throws(MediaError) {
        let content = try MediaContent.read(path, limit: limits.fileBytes)
        let text = withExtendedLifetime(content) { String(decoding: content.bytes, as: UTF8.self) }
        let rows = try CSV.rows(of: text, path: path)
        guard let first = rows.first else {
            throw .invalidGroups("it is empty; give a line \"file,group\"", 1, in: path)
        }
        let names = first.fields.map { $0.lowercased() }
        var (fileColumn, groupColumn, width) = (0, 1, 2)
        let hasHeader = names.contains("file") && names.contains("group")
        if let file = names.firstIndex(of: "file"), let group = names.firstIndex(of: "group") {
            (fileColumn, groupColumn, width) = (file, group, names.count)
        }
        var entries: [String: Entry] = [:]
        for row in rows.dropFirst(hasHeader ? 1 : 0) {
            guard row.fields.count == width else {
                throw .invalidGroups("it has \(row.fields.count) fields and not \(width)", row.line, in: path)
            }
            let (file, group) = (Self.normalized(row.fields[fileColumn]), row.fields[groupColumn])
            guard !file.isEmpty, !group.isEmpty else {
                throw .invalidGroups("the \(file.isEmpty ? "file" : "group") is empty", row.line, in: path)
            }
            if let known = entries[file] {
                throw .invalidGroups("\(file) stands already in line \(known.line)", row.line, in: path)
            }
            entries[file] = Entry(group: group, line: row.line)
        }
        guard !entries.isEmpty else { throw .invalidGroups("it has no line but the names of columns", 1, in: path) }
        self.path = path
        self.entries = entries
    }

    /// The group of each sample; `nil` for one that the file does not name.
    ///
    /// - Parameter folder: The data set's folder, of which the data set may be one part.
    /// - Throws: `invalidGroups` for a file that is not in the folder, with its line.
    public func groups(of dataset: any Dataset, in folder: String) throws(MediaError) -> [String?] {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        var used: Set<String> = []
        let groups = (0..<dataset.count).map { index -> String? in
            let name = dataset.name(at: index)
            let file = Self.normalized(name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name)
            guard let entry = entries[file] else { return nil }
            used.insert(file)
            return entry.group
        }
        // Other parts of the data set have files of their own.
        let missing = entries.filter { !used.contains($0.key) && access(prefix + $0.key, F_OK) != 0 }
        if let first = missing.min(by: { $0.value.line < $1.value.line }) {
            let others = missing.count == 1 ? "" : " (nor are \(missing.count - 1) others)"
            throw .invalidGroups("\(first.key) is not in \(folder)\(others)", first.value.line, in: path)
        }
        return groups
    }

    /// The path without dots and doubled slashes that change nothing.
    private static func normalized(_ path: String) -> String {
        path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}

/// Comma-separated values.
///
/// - Reference: Shafranovich, *Common Format and MIME Type for Comma-Separated Values (CSV) Files*, RFC 4180, 2005.
private enum CSV {
    struct Row {
        var fields: [String]
        var line: Int
    }

    /// Lines without any text are left out; space around unquoted fields is, too.
    ///
    /// - Throws: `invalidGroups` for a quote without an end, or within a field that does not start with one.
    static func rows(of text: String, path: String) throws(MediaError) -> [Row] {
        var rows: [Row] = []
        var fields: [String] = []
        var field = ""
        var (line, start) = (1, 1)
        var (isQuoted, wasQuoted) = (false, false)
        func finished(_ field: String, _ wasQuoted: Bool) -> String {
            wasQuoted
                ? field
                : String(field.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
        var rest = text.unicodeScalars[...]
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
        while let scalar = rest.popFirst() {
            if scalar == "\n" { line += 1 }
            if isQuoted {
                if scalar == "\"", rest.first == "\"" {
                    rest.removeFirst()
                    field.unicodeScalars.append(scalar)
                } else if scalar == "\"" {
                    isQuoted = false
                } else {
                    field.unicodeScalars.append(scalar)
                }
                continue
            }
            switch scalar {
            case "\"":
                guard field.allSatisfy({ $0 == " " }), !wasQuoted else {
                    throw .invalidGroups("a quote stands within a field", line, in: path)
                }
                (field, isQuoted, wasQuoted) = ("", true, true)
            case ",":
                fields.append(finished(field, wasQuoted))
                (field, wasQuoted) = ("", false)
            case "\r" where rest.first == "\n" || rest.isEmpty: break
            case "\n":
                fields.append(finished(field, wasQuoted))
                if fields != [""] { rows.append(Row(fields: fields, line: start)) }
                (fields, field, wasQuoted, start) = ([], "", false, line)
            default:
                if wasQuoted {
                    guard scalar == " " else { throw .invalidGroups("text follows a quoted field", line, in: path) }
                } else {
                    field.unicodeScalars.append(scalar)
                }
            }
        }
        guard !isQuoted else { throw .invalidGroups("a quote has no end", start, in: path) }
        fields.append(finished(field, wasQuoted))
        if fields != [""] { rows.append(Row(fields: fields, line: start)) }
        return rows
    }
}
