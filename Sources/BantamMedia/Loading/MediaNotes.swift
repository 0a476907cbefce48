import Synchronization

/// Something about a sample's or a model's file that did not keep it from being used, and that its owner should know.
public struct MediaNote: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// A video with fewer frames than its container says, or that cannot be read on from some place.
        case endsEarly
        /// A video of which the decoder had to make up parts.
        case damagedFrames
        /// A model that does not say how it wants its samples.
        case guessedPreprocessing
    }

    public var file: String
    public var kind: Kind
    /// One sentence.
    public var message: String

    public init(file: String, kind: Kind, message: String) {
        self.file = file
        self.kind = kind
        self.message = message
    }
}

/// Notes on files, collected from several threads and told once at the end.
///
/// ```swift
/// let loader = try BatchLoader(data, preprocessing: .kinetics(), batchSize: 8)
/// // ... epochs ...
/// for line in loader.notes.summary { print(line) }
/// ```
public final class MediaNotes: Sendable {
    private struct Key: Hashable {
        var file: String
        var kind: MediaNote.Kind
    }

    private let messages = Mutex<[Key: String]>([:])

    public init() {}

    /// Notes something; of each file and kind the first counts.
    public func add(_ note: MediaNote) {
        messages.withLock { messages in
            let key = Key(file: note.file, kind: note.kind)
            if messages[key] == nil { messages[key] = note.message }
        }
    }

    /// All notes by kind, each kind by file: the same in every order of reading.
    public var all: [MediaNote] {
        let notes = messages.withLock { $0.map { MediaNote(file: $0.file, kind: $0.kind, message: $1) } }
        return notes.sorted { ($0.kind.rawValue, $0.file) < ($1.kind.rawValue, $1.file) }
    }

    /// The number of files with a note of the kind.
    public func count(of kind: MediaNote.Kind) -> Int {
        messages.withLock { $0.keys.count { $0.kind == kind } }
    }

    /// A sentence for each kind that there is: how many files, and the first of them.
    public var summary: [String] {
        let notes = all
        return MediaNote.Kind.allCases.compactMap { kind in
            let some = notes.filter { $0.kind == kind }
            guard let first = some.first else { return nil }
            let others = some.count == 1 ? "" : ", and \(some.count - 1) more like it"
            return "\(first.file): \(first.message.dropLast())\(others)."
        }
    }
}

extension MediaNote {
    static func endsEarly(_ path: String, _ end: VideoFile.EarlyEnd, duration: Double?) -> MediaNote {
        let place = "\(rounded(end.seconds))\(duration.map { " of \(rounded($0))" } ?? "") seconds"
        let reason = end.reason.map { _ in " because it is damaged there" } ?? ""
        return MediaNote(
            file: path, kind: .endsEarly,
            message: "The video ends after \(place)\(reason); clips are taken from what there is.")
    }

    static func damagedFrames(_ path: String, count: Int) -> MediaNote {
        MediaNote(
            file: path, kind: .damagedFrames,
            message: "The video is damaged: \(count) of the frames that were used are made up in part.")
    }

    private static func rounded(_ seconds: Double) -> String { "\((seconds * 100).rounded() / 100)" }
}
