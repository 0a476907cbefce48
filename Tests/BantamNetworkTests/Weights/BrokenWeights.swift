import BantamGraph
import BantamTestSupport
import FoundationEssentials
import Testing

enum BrokenWeights {
    static func bytes(of path: String) throws -> [UInt8] {
        let file = try MappedFile.open(path)
        return withExtendedLifetime(file) { Array(file.bytes) }
    }

    /// - Returns: The path of the file, which the next call writes over.
    static func write(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> String {
        let path = folder.file("weights")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }
}
