public import BantamGraph
import CMedia

/// One picture of a video.
public struct VideoFrame: Sendable {
    public var image: Image
    /// Time since the start of the stream; `nil` when it carries no time stamps.
    public var seconds: Double?
}

/// A video file, read frame by frame.
///
/// ```swift
/// let video = try VideoFile("fall-01.mp4")
/// while let frame = try video.next() { ... }
/// let clip = try video.frames(at: [0, 4, 8, 12])
/// ```
///
/// Frames have the file's own extent; ``Preprocessing`` scales them exactly as it scales images.
///
/// One task uses a video at a time.
public final class VideoFile {
    public let path: String
    /// Of the frames as they are meant to be seen: turned where the container says so.
    public let extent: ImageExtent
    /// The stream's rate, or `nil` when the container does not tell.
    public let framesPerSecond: Double?
    /// The number of frames, exact or estimated from the duration; `nil` when the container tells neither.
    public let frameCount: Int?
    /// The stream's duration, or `nil` when the container does not tell.
    public let durationSeconds: Double?
    /// The frames by the time they take, as far as the container tells; frames may come unevenly.
    let averageRate: Double?
    private let stream: FrameStream
    /// The position of the frame that `next()` returns next, counted from the last start or seek.
    private(set) var position = 0
    private(set) var hasMoved = false

    /// Opens a video.
    ///
    /// - Parameters:
    ///   - path: A container with a video stream: MP4, AVI, MKV and others. Playlists and network addresses are refused.
    ///   - threads: Threads of the decoder. One is best when several videos are read at the same time.
    ///   - limits: What the file may make us allocate.
    /// - Throws: `cannotOpen`, `noVideoStream`, `corruptMedia`, `unsupportedMedia` or `tooLarge`.
    public init(_ path: String, threads: Int = 1, limits: MediaLimits = .standard) throws(MediaError) {
        self.path = path
        let library = try MediaLibrary.functions
        var native = limits.native
        var reader: OpaquePointer?
        try MediaLibrary.check(path) { library.open_file(path, &native, Int32(clamping: threads), &reader, $0) }
        guard let reader else { throw .noVideoStream(path) }
        stream = FrameStream(reader, library: library, path: path)
        let facts = stream.facts
        let stored = ImageExtent(width: Int(facts.width), height: Int(facts.height))
        extent = (Orientation(rawValue: facts.orientation) ?? .upright).isSideways ? stored.transposed : stored
        framesPerSecond = facts.frames_per_second > 0 ? facts.frames_per_second : nil
        averageRate = facts.average_rate > 0 ? facts.average_rate : nil
        frameCount = facts.frame_count > 0 ? Int(facts.frame_count) : nil
        durationSeconds = facts.duration_seconds > 0 ? facts.duration_seconds : nil
    }

    /// The next frame, or `nil` after the last.
    ///
    /// - Throws: `corruptMedia`, `tooLarge` or `outOfMemory`.
    public func next() throws(MediaError) -> VideoFrame? {
        guard let frame = try nextDecoded() else { return nil }
        return VideoFrame(
            image: try frame.image(path: path), seconds: frame.facts.seconds < 0 ? nil : frame.facts.seconds)
    }

    /// Goes to the key frame at or before a time.
    public func seek(toSeconds seconds: Double) throws(MediaError) {
        try stream.seek(toSeconds: seconds)
        position = 0
        hasMoved = true
    }

    /// Decodes without converting, for frames that are only passed by.
    func nextDecoded() throws(MediaError) -> NativeFrame? {
        guard let frame = try stream.next() else { return nil }
        position += 1
        hasMoved = true
        return frame
    }
}
