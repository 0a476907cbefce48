import BantamGraph
import BantamMedia
import Glibc
import Testing

/// A folder that lasts as long as a test.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/bantam-media-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        path = String(cString: made)
    }

    deinit { Self.remove(path) }

    subscript(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func makeFolder(_ name: String) -> String {
        var current = path
        for part in name.split(separator: "/") {
            current += "/\(part)"
            mkdir(current, 0o755)
        }
        return current
    }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try AtomicFile.write(to: self[name]) { (file) throws(GraphError) in try file.append(bytes) }
        return self[name]
    }

    private static func remove(_ path: String) {
        guard let handle = opendir(path) else {
            unlink(path)
            return
        }
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
        closedir(handle)
        rmdir(path)
    }
}

func readBytes(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "rb"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while true {
        let byte = fgetc(file)
        guard byte >= 0 else { return bytes }
        bytes.append(UInt8(byte))
    }
}

func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The code of what `body` throws; records an issue when the text is no sentence or does not name `file`.
func mediaErrorCode(
    naming file: String? = nil, _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) -> MediaErrorCode? {
    do {
        try body()
        return nil
    } catch let error as MediaError {
        let text = "\(error)"
        #expect(error.message.hasSuffix("."), "\(text)", sourceLocation: sourceLocation)
        if let file { #expect(text.contains(file), "\(text)", sourceLocation: sourceLocation) }
        return error.code
    } catch {
        Issue.record("not a MediaError: \(error)", sourceLocation: sourceLocation)
        return nil
    }
}

/// The picture that the reference numbers of Pillow were made from.
func patternImage(width: Int, height: Int) -> Image {
    var pixels: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            for c in 0..<3 { pixels.append(UInt8((37 * x + 59 * y + 11 * c + x * y * c * 3) % 256)) }
        }
    }
    return Image(width: width, height: height, channels: 3, pixels: pixels)
}
