import BantamGraph
import CMedia

/// A whole file in memory, expanded if it was gzipped.
final class FileContent: @unchecked Sendable {  // The bytes never change.
    let bytes: UnsafeRawBufferPointer
    private let release: @Sendable () -> Void

    /// - Throws: `cannotOpen`; `corruptGzip`; `tooLarge` beyond `limit` expanded bytes.
    static func read(_ path: String, limit: ByteCount) throws(MediaError) -> FileContent {
        let library = try MediaLibrary.functions
        var content = cmedia_bytes()
        var wasCompressed: Int32 = 0
        try MediaLibrary.check(path, doing: .expanding) {
            library.read_file(path, limit.bytes, &wasCompressed, &content, $0)
        }
        return FileContent(content, free: library.free_bytes)
    }

    private init(_ content: cmedia_bytes, free: @escaping @convention(c) (cmedia_bytes) -> Void) {
        bytes = UnsafeRawBufferPointer(start: content.bytes, count: content.count)
        nonisolated(unsafe) let content = content
        release = { free(content) }
    }

    deinit { release() }
}
