import BantamTestSupport
import FoundationEssentials
import Testing

/// The folder one test runs commands in. `shop` in it leads to the ``Workshop``.
struct WorkingFolder {
    private let folder: TemporaryFolder

    init() throws {
        let shop = try #require(Workshop.current)
        folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(atPath: folder.file("shop"), withDestinationPath: shop.path)
    }

    var path: String { folder.path }

    func file(_ name: String) -> String { folder.file(name) }

    func bantam(_ arguments: String...) throws -> Run { try bantam(arguments) }

    func bantam(_ arguments: [String]) throws -> Run { try Binary.run(arguments, in: path) }

    /// All that was made here, in order; files within folders as `folder/file`.
    func contents() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).filter { $0 != "shop" && !$0.hasPrefix("shop/") }
            .sorted()
    }

    func bytes(of name: String) throws -> [UInt8] {
        Array(try #require(FileManager.default.contents(atPath: file(name)), "there is no \(name)"))
    }
}
