public import BantamGraph

/// Images or videos in one folder per class: `DIR/train/CLASS/*.png`, `DIR/test/CLASS/*.png`.
///
/// Files end in `.png`, `.jpg` or `.jpeg`, or else in `.mp4`, `.avi`, `.mkv`, `.mov` or `.webm`, in either case; other
/// files and hidden ones are passed over. Classes and files are sorted by name. The labels are those of the classes of
/// both parts together, so a class that only one part has does not shift the others.
public struct ImageFolder: Dataset {
    private struct Item {
        var media: MediaItem
        var label: Int
    }

    public let classNames: [String]
    private let items: [Item]
    private let limits: MediaLimits

    public var count: Int { items.count }

    /// Lists the files of one part; none is opened.
    ///
    /// - Parameters:
    ///   - path: The folder that holds the parts.
    ///   - split: The part to read.
    ///   - limits: What an image may make us allocate.
    /// - Throws: `noSuchFolder`, `missingSplit`, `emptyDataset`, `emptyClass` or `mixedMedia`.
    public init(_ path: String, split: DatasetSplit, limits: MediaLimits = .standard) throws(MediaError) {
        let root = try Folder(path)
        guard let part = root.folders.first(where: { $0.name == split.rawValue }) else {
            throw .missingSplit(split.rawValue, in: path, found: root.entries.map(\.name))
        }
        var names: Set<String> = []
        for each in root.folders where DatasetSplit(rawValue: each.name) != nil {
            names.formUnion(try Folder(each.path).folders.map(\.name))
        }
        classNames = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let labels = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, $0) })
        var items: [Item] = []
        for folder in try Folder(part.path).folders {
            guard let label = labels[folder.name] else { continue }
            items += try Self.items(in: folder.path, label: label)
        }
        guard !items.isEmpty else { throw .emptyDataset(part.path) }
        try MediaItem.requireOneKind(items.lazy.map(\.media))
        self.items = items
        self.limits = limits
    }

    private static func items(in folder: String, label: Int) throws(MediaError) -> [Item] {
        let items = try Folder(folder).files.compactMap { file in
            MediaItem(file).map { Item(media: $0, label: label) }
        }
        guard !items.isEmpty else { throw .emptyClass(folder) }
        return items
    }

    public func label(at index: Int) -> Int { items[index].label }

    /// - Throws: What ``ImageFile/decode(_:limits:)`` throws; a video is only opened when it is used.
    public func sample(at index: Int) throws(MediaError) -> Sample {
        let item = items[index]
        return Sample(try item.media.content(limits: limits), label: item.label, name: item.media.path)
    }
}
