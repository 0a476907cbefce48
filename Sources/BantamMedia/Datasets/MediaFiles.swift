/// Images, videos and tensor files in the order in which they are named; nobody has said what they show.
public struct MediaFiles: Dataset {
    private let items: [MediaItem]
    private let limits: MediaLimits

    /// None: the samples have no labels.
    public var classNames: [String] { [] }
    public var count: Int { items.count }

    /// Looks at the names alone; no file is opened.
    ///
    /// - Throws: `unsupportedMedia` for a folder, or a name that does not end like that of a file that is read.
    public init(_ paths: [String], limits: MediaLimits = .standard) throws(MediaError) {
        var items: [MediaItem] = []
        for path in paths {
            guard !Folder.isFolder(path) else { throw .folderForFile(path) }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            guard let item = MediaItem(Folder.Entry(name: name, path: path, isFolder: false)) else {
                throw .unknownEnding(path, known: MediaItem.kinds.keys.sorted())
            }
            items.append(item)
        }
        self.items = items
        self.limits = limits
    }

    public func label(at index: Int) -> Int { Sample.noLabel }
    public func name(at index: Int) -> String { items[index].path }

    public func sample(at index: Int) throws(MediaError) -> Sample {
        Sample(try items[index].content(limits: limits), label: Sample.noLabel, name: items[index].path)
    }
}
