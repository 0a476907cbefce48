import FoundationEssentials

/// A text file with the name of one class a line, in the order of a model's outputs.
enum ClassNames {
    /// Far more than any model has classes for.
    private static let byteLimit = 10_000_000

    /// - Throws: `invalidLabels` with the reason.
    static func read(_ path: String) throws -> [String] {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw CommandError.invalidLabels(path, reason: "it cannot be read")
        }
        guard content.count <= byteLimit, let text = String(validating: content, as: UTF8.self) else {
            throw CommandError.invalidLabels(path, reason: "it is no text")
        }
        var names = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(trimmed)
        while names.last?.isEmpty == true { names.removeLast() }
        guard !names.isEmpty else { throw CommandError.invalidLabels(path, reason: "it is empty") }
        if let line = names.firstIndex(of: "") {
            throw CommandError.invalidLabels(path, reason: "line \(line + 1) is empty")
        }
        return names
    }

    private static func trimmed(_ line: Substring) -> String {
        var line = line.drop(while: \.isWhitespace)
        while line.last?.isWhitespace == true { line.removeLast() }
        return String(line)
    }
}
