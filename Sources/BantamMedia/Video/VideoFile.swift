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
    public let extent: ImageExtent
    /// The stream's rate, or `nil` when the container does not tell.
    public let framesPerSecond: Double?
    /// The number of frames, exact or estimated from the duration; `nil` when the container tells neither.
    public let frameCount: Int?
    /// The stream's duration, or `nil` when the container does not tell.
    public let durationSeconds: Double?
    private let stream: FrameStream
    /// The position of the frame that `next()` returns next, counted from the last start or seek.
    private var position = 0
    private var hasMoved = false

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
        extent = ImageExtent(width: Int(facts.width), height: Int(facts.height))
        framesPerSecond = facts.frames_per_second > 0 ? facts.frames_per_second : nil
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
    private func nextDecoded() throws(MediaError) -> NativeFrame? {
        guard let frame = try stream.next() else { return nil }
        position += 1
        hasMoved = true
        return frame
    }
}

extension VideoFile {
    /// The frames on display at the given positions of a constant-rate grid.
    ///
    /// Position `i` is time `i / framesPerSecond`; where the file stores frames at uneven times, the latest one not
    /// after it is taken. Positions beyond the end give the last frame.
    ///
    /// - Parameter positions: In ascending order; repetitions are fine.
    /// - Returns: As many images as positions.
    /// - Throws: `corruptMedia` when not one frame can be decoded, and what `next()` throws.
    /// - Complexity: O(frames from the key frame before the first position to the last).
    public func frames(at positions: [Int]) throws(MediaError) -> [Image] {
        guard let first = positions.first else { return [] }
        precondition(zip(positions, positions.dropFirst()).allSatisfy { $0 <= $1 }, "positions must ascend")
        var onDisplay = try start(near: first)
        var images: [Image] = []
        while let frame = onDisplay {
            let following = try nextDecoded()
            let end = following.map(index) ?? .max
            // Converted only when it is wanted, and once for all positions it fills.
            if positions[images.count] < end {
                let image = try frame.image(path: path)
                while images.count < positions.count, positions[images.count] < end { images.append(image) }
            }
            if images.count == positions.count { return images }
            onDisplay = following
        }
        throw .emptyVideo(path)
    }

    /// Decodes to the end and counts, for containers that do not tell.
    func countFrames() throws(MediaError) -> Int {
        if hasMoved { try seek(toSeconds: 0) }
        var count = 0
        while try nextDecoded() != nil { count += 1 }
        return count
    }

    /// Goes to a key frame at or before `position` and returns the frame there.
    private func start(near position: Int) throws(MediaError) -> NativeFrame? {
        // Seeking pays only when it passes over many frames.
        if let framesPerSecond, position > 48 {
            do throws(MediaError) {
                try seek(toSeconds: Double(position) / framesPerSecond)
                if let frame = try nextDecoded(), frame.facts.seconds >= 0, index(of: frame) <= position {
                    return frame
                }
            } catch {
                // A container without an index cannot seek; read it from the start.
                guard error.code == .unsupportedMedia else { throw error }
            }
        }
        if hasMoved { try seek(toSeconds: 0) }
        return try nextDecoded()
    }

    /// A frame's place on the grid.
    private func index(of frame: NativeFrame) -> Int {
        let seconds = frame.facts.seconds
        guard seconds >= 0, let framesPerSecond else { return position - 1 }
        return Int((min(seconds * framesPerSecond, 1e15)).rounded())
    }
}
