import BantamMedia
import BantamTestSupport
import FoundationEssentials
import Testing

/// What the README says of the program is what the program does.
@Suite struct `The README` {
    private static func text() throws -> String {
        let path = fixture("../../README.md")
        return String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    }

    @Test func `Its table has every key of the preprocessing, with its meaning and its default`() throws {
        let text = try Self.text()
        for key in Preprocessing.documentedKeys {
            let row = "| `\(key.path)` | \(key.meaning) | \(key.defaultValue ?? "must be given") |\n"
            #expect(text.contains(row), "missing: \(row)")
        }
        let rows = text.split(separator: "<!-- preprocessing keys begin -->")[1]
            .split(separator: "<!-- preprocessing keys end -->")[0].split(separator: "\n")
        #expect(rows.count == Preprocessing.documentedKeys.count + 2)
    }

    @Test func `Its table of commands has every command, and no other`() throws {
        let listed = try Self.text().split(separator: "\n").compactMap { line in
            line.hasPrefix("| `bantam ") ? String(line.dropFirst(10).prefix { $0 != "`" }) : nil
        }
        #expect(Set(listed) == Set(`Help texts`.commands) && listed.count == `Help texts`.commands.count)
    }

    @Test func `Every option that it names is one of the command's`() throws {
        let folder = try TemporaryFolder()
        let text = try Self.text()
        let helps = try `Help texts`.commands.map {
            try Binary.run([$0, "--help"], in: folder.path).succeeded().output
        }
        // Only where the line is a command: other programs have options, too.
        for line in text.split(separator: "\n") where line.hasPrefix("bantam ") {
            let words = line.prefix { $0 != "#" }.split(separator: " ")
            guard let command = `Help texts`.commands.firstIndex(of: String(words[1])) else {
                Issue.record("no such command: \(line)")
                continue
            }
            for option in words where option.hasPrefix("--") {
                #expect(helps[command].contains("\(option)"), "\(line)")
            }
        }
    }
}
