public import BantamGraph
import CMedia

/// A live camera, through Video4Linux.
///
/// ```swift
/// let camera = try Camera("/dev/video0", extent: ImageExtent(width: 640, height: 480))
/// while let frame = try camera.next() { ... }
/// ```
///
/// One task uses a camera at a time.
public final class Camera {
    public let device: String
    /// The extent that the device chose, which may differ from the wish; cameras give their pictures upright.
    public let extent: ImageExtent
    public let framesPerSecond: Double?
    private let stream: FrameStream

    /// Opens a camera; the first use in a process registers FFmpeg's devices, which takes some milliseconds.
    ///
    /// - Parameters:
    ///   - device: A path such as `/dev/video0`.
    ///   - extent: The wished extent; `nil` for the device's own.
    ///   - framesPerSecond: The wished rate; `nil` for the device's own.
    ///   - limits: What a frame may make us allocate.
    /// - Throws: `cannotOpen` with the system's reason (absent, in use, no permission).
    public init(
        _ device: String = "/dev/video0", extent: ImageExtent? = nil, framesPerSecond: Double? = nil,
        limits: MediaLimits = .standard
    ) throws(MediaError) {
        self.device = device
        let library = try MediaLibrary.functions
        var native = limits.native
        var mode = cmedia_camera_mode(
            width: Int32(clamping: extent?.width ?? 0), height: Int32(clamping: extent?.height ?? 0),
            frames_per_second: framesPerSecond ?? 0)
        var reader: OpaquePointer?
        try MediaLibrary.check(device) { library.open_camera(device, &mode, &native, &reader, $0) }
        guard let reader else { throw .noVideoStream(device) }
        stream = FrameStream(reader, library: library, path: device)
        let facts = stream.facts
        self.extent = ImageExtent(width: Int(facts.width), height: Int(facts.height))
        self.framesPerSecond = facts.frames_per_second > 0 ? facts.frames_per_second : nil
    }

    /// Waits for the next frame; `nil` when the device ends the stream.
    ///
    /// - Parameter extent: Scales while converting from the camera's pixel format, which is faster than
    ///   ``Preprocessing`` on a large frame but does not give the same pixels: train on frames read the same way.
    public func next(scaledTo extent: ImageExtent? = nil) throws(MediaError) -> VideoFrame? {
        guard let frame = try stream.next() else { return nil }
        return VideoFrame(
            image: try frame.image(extent: extent, path: device),
            seconds: frame.facts.seconds < 0 ? nil : frame.facts.seconds)
    }
}
