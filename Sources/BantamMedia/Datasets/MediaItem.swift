import BantamGraph

/// An image, video or tensor file of a data set.
struct MediaItem {
    enum Kind: String {
        case image, video, tensor = "tensor file"
    }

    let path: String
    let kind: Kind

    /// The endings of file names, in lower case, and what such files hold.
    static let kinds: [String: Kind] = [
        "png": .image, "jpg": .image, "jpeg": .image, "webp": .image, "bmp": .image, "tif": .image, "tiff": .image,
        "gif": .image,
        "mp4": .video, "avi": .video, "mkv": .video, "mov": .video, "webm": .video,
        "npy": .tensor,
    ]

    /// - Returns: `nil` for a file whose name does not end like that of an image, a video or a tensor.
    init?(_ file: Folder.Entry) {
        guard let dot = file.name.lastIndex(of: "."),
            let kind = Self.kinds[file.name[file.name.index(after: dot)...].lowercased()]
        else { return nil }
        self.kind = kind
        path = file.path
    }

    /// - Throws: What ``ImageFile/decode(_:limits:)`` and ``NPYFile/read(_:limits:)`` throw; a video is only opened when
    ///   it is used.
    func content(limits: MediaLimits) throws(MediaError) -> Sample.Content {
        switch kind {
        case .image: .image(try ImageFile.decode(path, limits: limits))
        case .video: .video(path: path)
        case .tensor: .tensor(try NPYFile.read(path, limits: limits))
        }
    }

    /// - Throws: `mixedMedia` when there are files of several kinds.
    static func requireOneKind(_ items: some Sequence<MediaItem>) throws(MediaError) {
        var iterator = items.makeIterator()
        guard let first = iterator.next() else { return }
        while let item = iterator.next() {
            if item.kind != first.kind { throw .mixedMedia(item, first) }
        }
    }
}
