import FoundationEssentials

/// A folder of its own for one test, deleted with all it holds when the last reference goes.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("bantam-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names of what lies in it, in order.
    public func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// The path of a file under `Tests/Fixtures`.
///
/// - Parameter test: A source file of a test target; the caller's.
public func fixture(_ name: String, test: String = #filePath) -> String {
    var folder = test
    while let end = folder.lastIndex(of: "/") {
        folder = String(folder[..<end])
        if folder.hasSuffix("/Tests") { break }
    }
    return "\(folder)/Fixtures/\(name)"
}

/// The path of a file that is not part of the repository, such as published weights: under `$BANTAM_SHARED`, by default
/// the folder `shared` beside the repository. It need not be there.
public func sharedFile(_ name: String, test: String = #filePath) -> String {
    let folder = ProcessInfo.processInfo.environment["BANTAM_SHARED"] ?? fixture("../../../shared", test: test)
    return "\(folder)/\(name)"
}
