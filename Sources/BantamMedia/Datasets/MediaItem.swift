/// An image or video file of a data set.
struct MediaItem {
    let path: String
    let isVideo: Bool

    /// - Returns: `nil` for a file whose name does not end like that of an image or a video.
    init?(_ file: Folder.Entry) {
        switch file.name.split(separator: ".").last?.lowercased() {
        case "png", "jpg", "jpeg": isVideo = false
        case "mp4", "avi", "mkv", "mov", "webm": isVideo = true
        default: return nil
        }
        path = file.path
    }

    /// - Throws: What ``ImageFile/decode(_:limits:)`` throws; a video is only opened when it is used.
    func content(limits: MediaLimits) throws(MediaError) -> Sample.Content {
        isVideo ? .video(path: path) : .image(try ImageFile.decode(path, limits: limits))
    }

    /// - Throws: `mixedMedia` when there are images and videos.
    static func requireOneKind(_ items: some Sequence<MediaItem>) throws(MediaError) {
        guard let video = items.first(where: \.isVideo), let image = items.first(where: { !$0.isVideo }) else { return }
        throw .mixedMedia(image: image.path, video: video.path)
    }
}
