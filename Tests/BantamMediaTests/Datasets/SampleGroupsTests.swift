import BantamGraph
import BantamMedia
import Testing

@Suite struct SampleGroupsTests {
    /// Two classes of two images each, in both parts.
    private func tree() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let png = try ImageFile.png(patternImage(width: 6, height: 4))
        for part in ["train", "test"] {
            for name in ["a", "b, c"] {
                folder.makeFolder("data/\(part)/\(name)")
                for index in 0..<2 { try folder.write(png, to: "data/\(part)/\(name)/\(index).png") }
            }
        }
        return folder
    }

    private func groups(_ csv: String, _ folder: TemporaryFolder) throws -> [String?] {
        let path = try folder.write(Array(csv.utf8), to: "groups.csv")
        let data = try DatasetLocation.open(folder["data"], split: .train)
        return try SampleGroups(csv: path).groups(of: data, in: folder["data"])
    }

    @Test(arguments: [
        "train/a/0.png,ann\ntrain/a/1.png,bob\n\"train/b, c/0.png\",ann\n",
        "file,group\r\ntrain/a/0.png , ann\r\n\r\n./train//a/1.png,bob\r\n\"train/b, c/0.png\",\"ann\"",
        "\u{FEFF}Group,age,File\nann,3,train/a/0.png\nbob,,train/a/1.png\nann,4,\"train/b, c/0.png\"\n",
        "train/a/0.png,ann\ntrain/a/1.png,bob\n\"train/b, c/0.png\",ann\ntest/a/0.png,eve\n",
    ])
    func `Groups are found by the files' paths, with or without names of columns`(csv: String) throws {
        #expect(try groups(csv, try tree()) == ["ann", "bob", "ann", nil])
    }

    @Test(arguments: [
        ("", "Line 1", "empty"), ("file,group\n", "Line 1", "no line"),
        ("train/a/0.png,ann\ntrain/a/9.png,bob\n", "Line 2", "train/a/9.png is not in"),
        ("file,group\ntrain/a/0.png,ann\nx.png,a\ny.png,b\n", "Line 3", "nor are 1 others"),
        ("train/a/0.png,ann\n\ntrain/a/0.png,bob\n", "Line 3", "already in line 1"),
        ("train/a/0.png,ann\n./train/a/0.png,ann\n", "Line 2", "already in line 1"),
        ("train/a/0.png,ann,3\n", "Line 1", "3 fields and not 2"), ("train/a/0.png\n", "Line 1", "1 fields"),
        ("file,group\ntrain/a/0.png,\n", "Line 2", "the group is empty"), (",ann\n", "Line 1", "the file is empty"),
        ("train/a/0.png,\"ann\n\n", "Line 1", "no end"), ("train/a/0.png,a\"n\"n\n", "Line 1", "within a field"),
        ("train/a/0.png,\"ann\"x\n", "Line 1", "follows a quoted"),
    ])
    func `A line that cannot be used is named with its number`(csv: String, line: String, reason: String) throws {
        let folder = try tree()
        do {
            _ = try groups(csv, folder)
            Issue.record("accepted")
        } catch let error as MediaError {
            #expect(error.code == .invalidGroups && error.message.hasSuffix("."))
            #expect(error.message.contains(line) && error.message.contains(reason), "\(error)")
            #expect("\(error)".contains("groups.csv"))
        }
    }

    @Test func `A file of groups that is not there is named`() {
        #expect(mediaErrorCode(naming: "/nowhere.csv") { _ = try SampleGroups(csv: "/nowhere.csv") } == .cannotOpen)
    }
}
