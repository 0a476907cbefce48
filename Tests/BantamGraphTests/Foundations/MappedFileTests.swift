import BantamGraph
import BantamTestSupport
import Glibc
import Testing

@Suite struct MappedFileTests {
    private func failure(opening path: String) -> GraphErrorCode? {
        do {
            _ = try MappedFile.open(path)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `A file is mapped, an empty one too`() throws {
        let folder = try TemporaryFolder()
        for bytes in [[], [1, 2, 3]] as [[UInt8]] {
            let path = folder.file("\(bytes.count)")
            try AtomicFile.write(to: path) { (file) throws(GraphError) in try file.append(bytes) }
            let file = try MappedFile.open(path)
            withExtendedLifetime(file) { #expect(Array(file.bytes) == bytes) }
        }
    }

    @Test func `What is no file is refused, without waiting for one who writes to a pipe`() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, folder.path, "/dev/null", folder.file("absent")] {
            #expect(failure(opening: path) == .unreadableFile, "\(path)")
        }
    }
}
