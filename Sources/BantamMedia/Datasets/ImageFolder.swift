public import BantamGraph

/// Images, videos or tensors in one folder per class: `DIR/train/CLASS/*.png`, `DIR/test/CLASS/*.png`, or
/// `DIR/CLASS/*.png` without parts.
///
/// Files end in `.png`, `.jpg`, `.jpeg`, `.webp`, `.bmp`, `.tif`, `.tiff` or `.gif`, or else in `.mp4`, `.avi`, `.mkv`,
/// `.mov` or `.webm`, or else in `.npy`, in either case; others and hidden ones are counted in ``passedOver``. Classes and
/// files are sorted by name. The labels are those of the classes of all parts together, so a class that only one part
/// has does not shift the others.
public struct ImageFolder: Dataset {
    private struct Item {
        var media: MediaItem
        var label: Int
    }

    public let classNames: [String]
    public let passedOver: [PassedOver]
    private let items: [Item]
    private let limits: MediaLimits

    public var count: Int { items.count }

    /// Lists the files of one part; none is opened.
    ///
    /// - Parameters:
    ///   - path: The folder that holds the parts.
    ///   - split: The part to read.
    ///   - limits: What an image may make us allocate.
    /// - Throws: `noSuchFolder`, `missingSplit`, `ambiguousSplit`, `emptyDataset`, `emptyClass` or `mixedMedia`.
    public init(_ path: String, split: DatasetSplit, limits: MediaLimits = .standard) throws(MediaError) {
        let root = try Folder(path)
        guard let part = try root.part(split) else {
            throw .missingSplit(split.rawValue, in: path, found: root.entries.map(\.name))
        }
        var names: Set<String> = []
        for each in root.parts { names.formUnion(try Folder(each.path).folders.map(\.name)) }
        var beside = PassedOverCounts()
        beside.add(.otherFolder, root.folders.filter { DatasetSplit(folderName: $0.name) == nil })
        beside.addUnusable(of: root)
        beside.add(.outsideClass, root.files.filter { MediaItem($0) != nil })
        try self.init(try Folder(part.path), classNames: names, beside, limits)
    }

    /// Lists the files of class folders that are not divided into parts; none is opened.
    ///
    /// A folder without samples is no class, and passed over.
    ///
    /// - Throws: `noSuchFolder`, `emptyDataset` or `mixedMedia`.
    public init(undivided path: String, limits: MediaLimits = .standard) throws(MediaError) {
        let root = try Folder(path)
        var names: Set<String> = []
        var beside = PassedOverCounts()
        for each in root.folders {
            if try Folder(each.path).files.contains(where: { MediaItem($0) != nil }) {
                names.insert(each.name)
            } else {
                beside.add(.otherFolder, [each])
            }
        }
        try self.init(root, classNames: names, beside, limits)
    }

    private init(
        _ folder: Folder, classNames names: Set<String>, _ passedOver: PassedOverCounts, _ limits: MediaLimits
    ) throws(MediaError) {
        var passedOver = passedOver
        classNames = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let labels = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, $0) })
        passedOver.addUnusable(of: folder)
        passedOver.add(.outsideClass, folder.files.filter { MediaItem($0) != nil })
        var items: [Item] = []
        for each in folder.folders {
            guard let label = labels[each.name] else { continue }
            let content = try Folder(each.path)
            let found = content.files.compactMap { MediaItem($0) }
            guard !found.isEmpty else { throw .emptyClass(content) }
            items += found.map { Item(media: $0, label: label) }
            passedOver.addUnusable(of: content)
            passedOver.add(.nestedFolder, content.folders)
        }
        guard !items.isEmpty else { throw .emptyDataset(folder.path) }
        try MediaItem.requireOneKind(items.lazy.map(\.media))
        self.items = items
        self.passedOver = passedOver.all
        self.limits = limits
    }

    public func label(at index: Int) -> Int { items[index].label }
    public func name(at index: Int) -> String { items[index].media.path }

    /// - Throws: What ``ImageFile/decode(_:limits:)`` and ``NPYFile/read(_:limits:)`` throw; a video is only opened when
    ///   it is used.
    public func sample(at index: Int) throws(MediaError) -> Sample {
        let item = items[index]
        return Sample(try item.media.content(limits: limits), label: item.label, name: item.media.path)
    }
}
