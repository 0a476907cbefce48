/// Files or folders of a data set that are not used, for one reason.
public struct PassedOver: Hashable, Sendable, Codable {
    public enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
        /// A file whose ending is not that of an image, a video or a tensor.
        case unknownEnding
        /// A file or folder whose name starts with a dot.
        case hidden
        /// An image, video or tensor that lies beside the class folders.
        case outsideClass
        /// A folder within a class folder, with all that is in it.
        case nestedFolder
        /// A folder beside those of the parts or classes.
        case otherFolder
        /// A file that cannot be decoded, left out on request.
        case damaged
    }

    public var reason: Reason
    public var count: Int
    /// The path of the first.
    public var example: String
    /// How many files have each ending, such as `.heic`; for ``Reason/unknownEnding``.
    public var endings: [String: Int]

    public init(_ reason: Reason, count: Int, example: String, endings: [String: Int] = [:]) {
        self.reason = reason
        self.count = count
        self.example = example
        self.endings = endings
    }

    /// A phrase such as `"3 files with other endings (.heic 2, .txt 1), such as train/cat/notes.txt"`.
    public var description: String {
        let one = count == 1
        let what =
            switch reason {
            case .unknownEnding:
                "\(one ? "file" : "files") with another ending (\(endingList))"
            case .hidden: "hidden \(one ? "entry" : "entries")"
            case .outsideClass: "\(one ? "file" : "files") beside the class folders"
            case .nestedFolder: "\(one ? "folder" : "folders") within class folders"
            case .otherFolder: "other \(one ? "folder" : "folders")"
            case .damaged: "damaged \(one ? "file" : "files")"
            }
        return "\(count) \(what), such as \(example)"
    }

    private var endingList: String {
        endings.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(6)
            .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}

extension PassedOver: CustomStringConvertible {}

/// What a data set holds, and what was found beside it.
public struct DatasetInventory: Hashable, Sendable, Codable {
    public struct ClassCount: Hashable, Sendable, Codable {
        public var name: String
        public var count: Int
    }

    public var sampleCount: Int
    /// In the order of the labels; empty without labels.
    public var classes: [ClassCount]
    public var passedOver: [PassedOver]

    /// One line a fact: samples and classes, then what is passed over.
    public var summary: [String] {
        var first = "\(sampleCount) \(sampleCount == 1 ? "sample" : "samples")"
        if let smallest = classes.min(by: { $0.count < $1.count }),
            let largest = classes.max(by: { $0.count < $1.count })
        {
            first += " of \(classes.count) \(classes.count == 1 ? "class" : "classes")"
            first +=
                smallest.count == largest.count
                ? ", \(smallest.count) each"
                : ", from \(smallest.count) (\(smallest.name)) to \(largest.count) (\(largest.name)) each"
        }
        return [first] + passedOver.map { "passed over: \($0)" }
    }
}

extension Dataset {
    /// Counts the samples of each class; none is decoded.
    public var inventory: DatasetInventory {
        var counts = [Int](repeating: 0, count: classNames.count)
        if isLabelled { for index in 0..<count { counts[label(at: index)] += 1 } }
        return DatasetInventory(
            sampleCount: count, classes: zip(classNames, counts).map { .init(name: $0, count: $1) },
            passedOver: passedOver)
    }
}

/// Collects what is passed over while folders are listed.
struct PassedOverCounts {
    private(set) var all: [PassedOver] = []

    mutating func add(_ reason: PassedOver.Reason, _ entries: some Sequence<Folder.Entry>) {
        for entry in entries {
            var place = all.firstIndex { $0.reason == reason } ?? all.count
            if place == all.count {
                all.append(PassedOver(reason, count: 0, example: entry.path))
                place = all.count - 1
            }
            all[place].count += 1
            if reason == .unknownEnding { all[place].endings[entry.ending, default: 0] += 1 }
        }
    }

    /// Files of a folder that are no samples, and what is hidden in it.
    mutating func addUnusable(of folder: Folder) {
        add(.unknownEnding, folder.files.filter { MediaItem($0) == nil })
        add(.hidden, folder.hidden)
    }
}

extension Folder.Entry {
    /// The last dot of the name and what follows it, in lower case; `"none"` without a dot.
    var ending: String {
        name.lastIndex(of: ".").map { name[$0...].lowercased() } ?? "none"
    }
}
