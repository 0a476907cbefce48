public import BantamGraph
import Glibc

/// Images or videos of which nobody has said what they show, in a folder and those below it.
///
/// Enough for everything that asks a model rather than a label: learning from a teacher, calibration, sensitivity.
/// Files are those that ``ImageFolder`` reads, sorted by their paths; other files and hidden ones are counted in
/// ``passedOver``.
public struct UnlabelledFolder: Dataset {
    public let passedOver: [PassedOver]
    private let items: [MediaItem]
    private let limits: MediaLimits

    /// None: the samples have no labels.
    public var classNames: [String] { [] }
    public var count: Int { items.count }

    /// Lists the files; none is opened.
    ///
    /// - Throws: `noSuchFolder`, `cannotOpen`, `emptyDataset` or `mixedMedia`.
    public init(_ path: String, limits: MediaLimits = .standard) throws(MediaError) {
        var visited: Set<FolderIdentity> = []
        var passedOver = PassedOverCounts()
        items = try Self.items(in: try Folder(path), &visited, &passedOver)
        self.passedOver = passedOver.all
        guard !items.isEmpty else { throw .emptyDataset(path) }
        try MediaItem.requireOneKind(items)
        self.limits = limits
    }

    private static func items(
        in folder: Folder, _ visited: inout Set<FolderIdentity>, _ passedOver: inout PassedOverCounts
    ) throws(MediaError) -> [MediaItem] {
        // A link may lead back to a folder above it.
        guard let identity = FolderIdentity(folder.path), visited.insert(identity).inserted else { return [] }
        var items = folder.files.compactMap { MediaItem($0) }
        passedOver.addUnusable(of: folder)
        for below in folder.folders { items += try Self.items(in: try Folder(below.path), &visited, &passedOver) }
        return items
    }

    public func label(at index: Int) -> Int { Sample.noLabel }
    public func name(at index: Int) -> String { items[index].path }

    public func sample(at index: Int) throws(MediaError) -> Sample {
        Sample(try items[index].content(limits: limits), label: Sample.noLabel, name: items[index].path)
    }
}

/// What a folder is, whatever path leads to it.
private struct FolderIdentity: Hashable {
    var device: UInt64
    var inode: UInt64

    init?(_ path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        device = UInt64(facts.st_dev)
        inode = UInt64(facts.st_ino)
    }
}
