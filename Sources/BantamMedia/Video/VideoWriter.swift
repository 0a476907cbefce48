public import BantamGraph
import CMedia

/// Writes a short video: synthetic data, a clip of a report, a fixture.
///
/// ```swift
/// let writer = try VideoWriter("clip.mp4", extent: frames[0].extent, framesPerSecond: 30)
/// for frame in frames { try writer.append(frame) }
/// try writer.finish()
/// ```
///
/// A writer that is dropped before ``finish()``, or fails, leaves no file.
public final class VideoWriter {
    private let path: String
    private let extent: ImageExtent
    private let library: cmedia_api
    private var writer: OpaquePointer?

    /// Creates the file.
    ///
    /// - Parameters:
    ///   - path: The extension decides the container: `.mp4`, `.avi`, `.mkv`.
    ///   - extent: The extent of every frame. Most codecs want it even.
    ///   - framesPerSecond: The rate, above 0.
    ///   - codec: An encoder of FFmpeg's: `mpeg4` is always there, `ffv1` (in `.mkv` or `.avi`) is lossless.
    /// - Throws: `unsupportedMedia` or `cannotWrite`.
    public init(
        _ path: String, extent: ImageExtent, framesPerSecond: Double, codec: String = "mpeg4"
    ) throws(MediaError) {
        guard framesPerSecond > 0, framesPerSecond <= 1000 else {
            throw .invalidOption("the frame rate", framesPerSecond, allowed: "a number above 0 and up to 1000")
        }
        self.path = path
        self.extent = extent
        library = try MediaLibrary.functions
        let library = self.library
        var writer: OpaquePointer?
        try MediaLibrary.check(path, doing: .encoding) {
            library.open_writer(
                path, codec, Int32(clamping: extent.width), Int32(clamping: extent.height), framesPerSecond, &writer,
                $0)
        }
        self.writer = writer
    }

    deinit { library.discard_writer(writer) }

    /// Encodes one more frame.
    ///
    /// - Parameter intervals: How long it stays on display, in units of the usual time: videos may be uneven.
    /// - Precondition: the image has the writer's extent, `intervals` is positive, and ``finish()`` has not been called.
    public func append(_ image: Image, intervals: Int = 1) throws(MediaError) {
        precondition(intervals > 0, "a frame on display for \(intervals) intervals")
        precondition(image.extent == extent, "a frame of \(image.extent) in a video of \(extent)")
        guard let writer else { preconditionFailure("the video \(path) is finished") }
        let (library, path) = (self.library, self.path)
        try image.withNativePixels { (pixels) throws(MediaError) in
            try MediaLibrary.check(path, doing: .encoding) {
                library.write_frame(writer, pixels, Int32(clamping: intervals), $0)
            }
        }
    }

    /// Completes the file.
    public func finish() throws(MediaError) {
        guard let writer else { return }
        // The library frees the writer whatever it returns.
        self.writer = nil
        let library = self.library
        try MediaLibrary.check(path, doing: .encoding) { library.finish_writer(writer, $0) }
    }
}
