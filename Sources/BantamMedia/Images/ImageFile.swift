public import BantamGraph
import CMedia

/// Image files: PNG, JPEG, WebP, BMP, TIFF and GIF in, PNG out.
public enum ImageFile {
    /// Reads an image file: grey ones to 1 channel, all others to RGB. What it is follows from its content, not its
    /// name; of several pictures (an animation, pages) the first is taken.
    ///
    /// Transparency is dropped and 16-bit channels are reduced to 8. The orientation that cameras note beside the pixels
    /// (EXIF) is applied, so that the picture is the one that a person sees.
    ///
    /// - Throws: `cannotOpen`, `unsupportedMedia`, `corruptMedia` (also for a file that is cut off) or `tooLarge`.
    public static func decode(_ path: String, limits: MediaLimits = .standard) throws(MediaError) -> Image {
        let content = try MediaContent.read(path, limit: limits.fileBytes)
        return try withExtendedLifetime(content) { () throws(MediaError) -> Image in
            try decode(content.bytes, path: path, limits: limits)
        }
    }

    /// Decodes an image file held in memory.
    ///
    /// - Parameter name: What to call it in errors.
    public static func decode(
        _ bytes: [UInt8], name: String = "image", limits: MediaLimits = .standard
    ) throws(MediaError) -> Image {
        // The array's own scope does not carry the type of what is thrown in it.
        try bytes.withUnsafeBytes { bytes in
            Result { () throws(MediaError) in try decode(bytes, path: name, limits: limits) }
        }.get()
    }

    private static func decode(
        _ bytes: UnsafeRawBufferPointer, path: String, limits: MediaLimits
    ) throws(MediaError) -> Image {
        let library = try MediaLibrary.functions
        guard let address = bytes.baseAddress, !bytes.isEmpty else {
            throw .corruptMedia(path, reason: "the file is empty")
        }
        var native = limits.native
        var frame: OpaquePointer?
        try MediaLibrary.check(path) {
            library.decode_image(
                address.assumingMemoryBound(to: UInt8.self), bytes.count, &native, &frame, $0)
        }
        guard let frame else { throw .corruptMedia(path, reason: "it holds no picture") }
        return try NativeFrame(frame, library: library).image(path: path)
    }

    /// The image as a PNG file in memory.
    public static func png(_ image: Image) throws(MediaError) -> [UInt8] {
        let library = try MediaLibrary.functions
        var encoded = cmedia_bytes()
        try image.withNativePixels { (pixels) throws(MediaError) in
            try MediaLibrary.check("PNG image") { library.encode_png(pixels, &encoded, $0) }
        }
        defer { library.free_bytes(encoded) }
        return Array(UnsafeBufferPointer(start: encoded.bytes, count: encoded.count))
    }

    /// Writes a PNG file, which appears complete or not at all.
    public static func writePNG(_ image: Image, to path: String) throws(MediaError) {
        let bytes = try png(image)
        do throws(GraphError) {
            try AtomicFile.write(to: path) { (file) throws(GraphError) in try file.append(bytes) }
        } catch {
            throw MediaError(.cannotWrite, error.message, location: error.location)
        }
    }
}

extension Image {
    /// Lends the pixels to a function of the native library.
    @discardableResult
    func withNativePixels<Result>(
        _ body: (UnsafePointer<cmedia_pixels>) throws(MediaError) -> Result
    ) throws(MediaError) -> Result {
        try pixels.withUnsafeBufferPointer { buffer in
            Swift.Result { () throws(MediaError) -> Result in
                guard let address = buffer.baseAddress else { throw .outOfMemory("an image") }
                var native = cmedia_pixels(
                    bytes: address, width: Int32(width), height: Int32(height),
                    format: channels == 1 ? CMEDIA_GRAY8 : CMEDIA_RGB24)
                return try body(&native)
            }
        }.get()
    }
}
