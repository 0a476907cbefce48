import BantamGraph
import Glibc
import SwiftProtobuf

/// The files beside a model that hold its weights, each mapped once.
///
/// The model says which files those are, and a model may come from anywhere. So a file is opened only if it lies in the
/// model's folder or below it after all links are followed: a model must not make Bantam copy `/etc/shadow` into an
/// export.
final class ExternalData {
    private let folder: String
    private let limits: ONNXLimits
    private var files: [String: TensorStorage] = [:]

    init(ofModelAt path: String, limits: ONNXLimits) {
        folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
        self.limits = limits
    }

    /// The bytes of all files that were needed so far.
    var mappedBytes: ByteCount { files.values.reduce(.zero) { $0 + ByteCount($1.byteCount) } }

    /// - Throws: `externalPath`, `externalData`, `fileTooLarge` or `dataSizeMismatch`.
    func read(
        _ entries: [Onnx_StringStringEntryProto], _ type: TensorType, _ what: String
    ) throws(ONNXError) -> TensorData {
        let values = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        guard let location = values["location"], !location.isEmpty else { throw .missingLocation(of: what) }
        let offset = try number(values["offset"] ?? "0", "offset", of: what)
        let expected = type.byteCount.bytes
        let length = try values["length"].map { (text) throws(ONNXError) in try number(text, "length", of: what) }
        guard length ?? expected == expected else {
            throw .dataSize(length ?? 0, expected: expected, type: type, of: what)
        }
        let file = try file(at: location, what)
        guard offset <= file.byteCount, expected <= file.byteCount - offset else {
            throw .externalRange(offset: offset, length: expected, fileBytes: file.byteCount, location, of: what)
        }
        return TensorData(type, storage: file, byteOffset: offset)
    }

    private func number(_ text: String, _ key: String, of what: String) throws(ONNXError) -> Int {
        guard let number = Int(text), number >= 0 else { throw .externalNumber(text, key: key, of: what) }
        return number
    }

    private func file(at location: String, _ what: String) throws(ONNXError) -> TensorStorage {
        if let file = files[location] { return file }
        // Checked before the file system is asked, so that an error does not tell which files exist elsewhere.
        let components = location.split(separator: "/", omittingEmptySubsequences: false)
        guard !location.hasPrefix("/"), !components.contains("..") else { throw .externalPath(location, of: what) }
        guard let path = Self.resolved(folder + location) else {
            throw .externalFile(location, reason: String(cString: strerror(errno)), of: what)
        }
        guard let root = Self.resolved(folder), path.hasPrefix(root == "/" ? root : root + "/") else {
            throw .externalPath(location, of: what)
        }
        let file: TensorStorage
        do throws(GraphError) {
            file = try MappedFile.open(path)
        } catch {
            throw .externalFile(location, reason: error.message, of: what)
        }
        guard file.byteCount <= limits.fileBytes.bytes else {
            throw .fileTooLarge(ByteCount(file.byteCount), limit: limits.fileBytes)
        }
        files[location] = file
        return file
    }

    /// The absolute path with all links followed; `nil` when there is no such file, with the reason in `errno`.
    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
