public import BantamGraph
import CMedia

/// FFmpeg, opened at first use: image and video decoding, PNG encoding.
public enum MediaLibrary {
    // The table is constant once the plugin has filled it.
    nonisolated(unsafe) private static let loaded: Result<UnsafePointer<cmedia_api>, MediaError> = {
        do throws(GraphError) {
            let table = try NativeLibrary.open(plugin: "MediaPlugin", symbol: "cmedia_table")
            return .success(table.assumingMemoryBound(to: cmedia_api.self))
        } catch {
            return .failure(.missingLibrary(error))
        }
    }()

    static var functions: cmedia_api {
        get throws(MediaError) { try loaded.get().pointee }
    }

    /// The versions in use, such as `"libavformat 59.27.100, libavcodec 59.37.100, ..."`.
    ///
    /// - Throws: `missingLibrary`, with the loader's reason.
    public static func versions() throws(MediaError) -> String {
        String(cString: try functions.versions())
    }

    /// Runs a function of the table and turns a code into the error it stands for.
    ///
    /// - Parameters:
    ///   - path: The file or device that the call is about.
    ///   - activity: What the call does, where that changes the advice.
    ///   - body: The call; it gets the status to fill.
    /// - Returns: `false` at the end of a stream.
    @discardableResult
    static func check(
        _ path: String, doing activity: Activity = .decoding,
        _ body: (UnsafeMutablePointer<cmedia_status>) -> cmedia_code
    ) throws(MediaError) -> Bool {
        var status = cmedia_status()
        let code = body(&status)
        guard code != CMEDIA_OK else { return true }
        guard code != CMEDIA_END_OF_STREAM else { return false }
        throw error(code, activity, path: path, reason: message(of: status))
    }

    enum Activity {
        case decoding, encoding
    }

    private static func message(of status: cmedia_status) -> String {
        withUnsafeBytes(of: status.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func error(
        _ code: cmedia_code, _ activity: Activity, path: String, reason: String
    ) -> MediaError {
        switch code {
        case CMEDIA_CANNOT_OPEN: .cannotOpen(path, reason: reason)
        case CMEDIA_CANNOT_WRITE: .cannotWrite(path, reason: reason)
        case CMEDIA_NO_VIDEO_STREAM: .noVideoStream(path)
        case CMEDIA_UNSUPPORTED where activity == .encoding: .unsupportedEncoding(path, reason: reason)
        case CMEDIA_UNSUPPORTED: .unsupportedMedia(path, reason: reason)
        case CMEDIA_TOO_LARGE: .tooLarge(path, reason: reason)
        case CMEDIA_OUT_OF_MEMORY: .outOfMemory(path)
        default: .corruptMedia(path, reason: reason)
        }
    }
}

/// Bounds on what a file may make us allocate.
public struct MediaLimits: Hashable, Sendable {
    /// Largest number of pixels of an image or a frame.
    public var pixels: Int
    /// Largest width or height.
    public var dimension: Int
    /// Largest image file, and largest expanded content of an IDX file.
    public var fileBytes: ByteCount

    public init(
        pixels: Int = 1 << 26, dimension: Int = 1 << 15, fileBytes: ByteCount = .mebibytes(4096)
    ) {
        self.pixels = pixels
        self.dimension = dimension
        self.fileBytes = fileBytes
    }

    public static let standard = MediaLimits()

    var native: cmedia_limits {
        cmedia_limits(max_pixels: Int64(pixels), max_dimension: Int32(clamping: dimension))
    }
}
