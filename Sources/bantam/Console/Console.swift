import BantamTraining
import FoundationEssentials
import Glibc

/// Where a command's words go: its result to standard output, all else to standard error.
struct Console: Sendable {
    /// Whether the result is one JSON object.
    var printsJSON: Bool
    /// Whether someone watches: bars then redraw themselves, else progress is plain lines.
    let isInteractive = isatty(STDERR_FILENO) == 1

    /// Prints the result of the command.
    func result(_ text: String) {
        guard !text.isEmpty else { return }
        write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO)
    }

    /// Prints the result of the command as JSON, keys in order.
    func result(_ value: some Encodable) throws {
        result(try Self.json(value))
    }

    /// JSON for people and programs, keys in order.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Tells what is going on.
    func note(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Tells which files were passed over, and what reading the others showed.
    func note(filesOf data: TrainingData) {
        for entry in data.dataset.passedOver { note("note: passed over: \(entry)") }
        for line in data.notes.summary { note("note: \(line)") }
    }

    func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // Nobody reads on; there is no one to tell.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

extension String {
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(width - count, 1))
    }
}
