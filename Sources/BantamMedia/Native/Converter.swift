import BantamGraph
import CMedia
import Synchronization

/// Converters kept for the next image: their tables take longer to make than a small image to convert.
enum ConverterPool {
    /// Hands a converter, which one thread uses at a time, from the pool to `body` and back.
    static func withConverter<Result>(
        _ body: (OpaquePointer) throws(MediaError) -> Result
    ) throws(MediaError) -> Result {
        let library = try MediaLibrary.functions
        let pooled = idle.withLock { $0.popLast() }
        guard let converter = pooled?.pointer ?? library.make_converter() else {
            throw .outOfMemory("an image converter")
        }
        defer { idle.withLock { $0.append(Converter(pointer: converter)) } }
        return try body(converter)
    }

    private struct Converter: @unchecked Sendable {  // Used by whoever took it out of the pool, and nobody else.
        let pointer: OpaquePointer
    }

    /// As many as have been in use at the same time.
    private static let idle = Mutex<[Converter]>([])
}

/// A decoded frame that the library owns.
final class NativeFrame {
    private let pointer: OpaquePointer
    private let library: cmedia_api

    init(_ pointer: OpaquePointer, library: cmedia_api) {
        self.pointer = pointer
        self.library = library
    }

    deinit { library.free_frame(pointer) }

    var facts: cmedia_frame_facts {
        var facts = cmedia_frame_facts()
        library.frame_facts(pointer, &facts)
        return facts
    }

    /// The frame as packed pixels, turned as it is meant to be seen: grey if it has no colour, otherwise RGB.
    ///
    /// - Parameter extent: Scales while converting; `nil` keeps the frame's own.
    func image(extent: ImageExtent? = nil, path: String) throws(MediaError) -> Image {
        let facts = self.facts
        let orientation = Orientation(rawValue: facts.orientation) ?? .upright
        let stored = extent.map { orientation.isSideways ? $0.transposed : $0 }
        let extent = stored ?? ImageExtent(width: Int(facts.width), height: Int(facts.height))
        let channels = facts.is_gray != 0 ? 1 : 3
        let format = channels == 1 ? CMEDIA_GRAY8 : CMEDIA_RGB24
        return try ConverterPool.withConverter { (converter) throws(MediaError) -> Image in
            let count = extent.width * extent.height * channels
            var failure: MediaError?
            let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                guard let destination = buffer.baseAddress else { return }
                do throws(MediaError) {
                    try MediaLibrary.check(path) {
                        library.convert_frame(
                            converter, pointer, Int32(extent.width), Int32(extent.height), format, CMEDIA_BILINEAR,
                            destination, $0)
                    }
                    initialized = count
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            return Image(width: extent.width, height: extent.height, channels: channels, pixels: pixels)
                .turned(orientation)
        }
    }
}
