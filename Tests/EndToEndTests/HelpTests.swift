import BantamGraph
import BantamTestSupport
import FoundationEssentials
import Testing

/// What people read first stays as it was agreed.
///
/// `BANTAM_UPDATE_SNAPSHOTS=1 swift test --filter HelpTests` writes the files under `Fixtures/endtoend/help` anew.
@Suite struct `Help texts` {
    static let commands = [
        "slim", "create", "train", "evaluate", "predict", "sensitivity", "prune", "quantize", "distill", "restructure",
        "verify", "inspect", "bench", "doctor",
    ]

    @Test(arguments: ["bantam"] + commands)
    func `The help of each command is the stored one`(_ command: String) throws {
        let folder = try TemporaryFolder()
        let run = try Binary.run((command == "bantam" ? [] : [command]) + ["--help"], in: folder.path).succeeded()
        let path = fixture("endtoend/help/\(command).txt")
        if ProcessInfo.processInfo.environment["BANTAM_UPDATE_SNAPSHOTS"] == "1" {
            try AtomicFile.write(run.output, to: path)
        }
        let stored = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        #expect(run.output == stored, "set BANTAM_UPDATE_SNAPSHOTS=1 to store the new text")
        #expect(run.error.isEmpty)
    }

    @Test func `The root's help lists every command that has a snapshot, and no other`() throws {
        let folder = try TemporaryFolder()
        let help = try Binary.run(["--help"], in: folder.path).succeeded().output
        let listing = try #require(help.split(separator: "SUBCOMMANDS:\n").last)
        let listed = listing.split(separator: "\n").compactMap { line -> String? in
            line.hasPrefix("  ") && !line.hasPrefix("   ") ? line.split(separator: " ").first.map(String.init) : nil
        }
        #expect(listed.filter { $0 != "See" } == Self.commands)
    }

    @Test func `The version is printed`() throws {
        let folder = try TemporaryFolder()
        #expect(try Binary.run(["--version"], in: folder.path).succeeded().output == "\(BantamVersion.current)\n")
    }
}
