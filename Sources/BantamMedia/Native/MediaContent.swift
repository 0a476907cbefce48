import BantamGraph

/// Whole files, gzipped or not.
enum MediaContent {
    /// What a file holds; the file itself is mapped.
    ///
    /// - Throws: `cannotOpen`; `corruptGzip`; `tooLarge` beyond `limit` expanded bytes.
    static func read(_ path: String, limit: ByteCount) throws(MediaError) -> TensorStorage {
        do throws(GraphError) {
            let content = try Gzip.content(of: try MappedFile.open(path), at: path, limit: limit)
            guard content.byteCount <= limit.bytes else {
                throw .fileTooLarge(path, ByteCount(content.byteCount), limit: limit)
            }
            return content
        } catch {
            throw MediaError(error)
        }
    }
}
