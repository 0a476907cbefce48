import BantamGraph
import BantamMedia
import Testing

@Suite struct DatasetLocationTests {
    /// `count` images in each of the folders.
    private func tree(_ folders: [String], count: Int = 10) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let png = try ImageFile.png(patternImage(width: 6, height: 4))
        for name in folders {
            folder.makeFolder(name)
            for index in 0..<count { try folder.write(png, to: "\(name)/\(index).png") }
        }
        return folder
    }

    private func names(_ data: any Dataset) -> Set<String> { Set((0..<data.count).map { data.name(at: $0) }) }

    @Test(arguments: ["val", "validation", "valid", "Val"])
    func `The validation part is found under each of its names`(name: String) throws {
        let folder = try tree(["train/a", "train/b", "\(name)/a", "\(name)/b", "test/a"])
        let data = try DatasetLocation.open(folder.path, split: .validation)
        #expect(data.count == 20 && data.classNames == ["a", "b"])
        let validation = try #require(try DatasetLocation.validation(of: folder.path))
        #expect(names(validation) == names(data))
    }

    @Test func `Data without a validation part have none`() throws {
        let folder = try tree(["train/a", "train/b", "test/a", "test/b"])
        #expect(try DatasetLocation.validation(of: folder.path) == nil)
        #expect(mediaErrorCode { _ = try DatasetLocation.open(folder.path, split: .validation) } == .missingSplit)
    }

    @Test func `Two folders for one part are refused`() throws {
        let folder = try tree(["train/a", "val/a", "valid/a"], count: 1)
        #expect(
            mediaErrorCode(naming: folder.path) { _ = try DatasetLocation.open(folder.path, split: .validation) }
                == .ambiguousSplit)
        #expect(mediaErrorCode { _ = try DatasetLocation.validation(of: folder.path) } == .ambiguousSplit)
    }

    @Test func `Class folders without parts are divided by a rule, or have no labels`() throws {
        let folder = try tree(["cat", "dog", "owl"])
        #expect(try !DatasetLocation.open(folder.path, split: .train).isLabelled)
        let undivided = DatasetLocation.UndividedClasses.divided(seed: 0)
        let train = try DatasetLocation.open(folder.path, split: .train, undivided: undivided)
        let test = try DatasetLocation.open(folder.path, split: .test, undivided: undivided)
        #expect(train.classNames == ["cat", "dog", "owl"] && test.classNames == train.classNames)
        #expect(train.count == 24 && test.inventory.classes.map(\.count) == [2, 2, 2])
        #expect(names(train).isDisjoint(with: names(test)) && names(train).union(names(test)).count == 30)
        let again = try DatasetLocation.open(folder.path, split: .test, undivided: undivided)
        #expect(names(again) == names(test))
        let other = try DatasetLocation.open(folder.path, split: .test, undivided: .divided(seed: 1))
        #expect(names(other) != names(test))
        #expect(try DatasetLocation.validation(of: folder.path) == nil)
        #expect(
            mediaErrorCode {
                _ = try DatasetLocation.open(folder.path, split: .validation, undivided: undivided)
            } == .missingSplit)
    }

    @Test func `Groups stay together between all parts`() throws {
        let folder = try tree(["data/cat", "data/dog"], count: 20)
        var csv = "file,group\n"
        for name in ["cat", "dog"] { for index in 0..<20 { csv += "\(name)/\(index).png,person \(index % 7)\n" } }
        let groups = try SampleGroups(csv: try folder.write(Array(csv.utf8), to: "groups.csv"))
        let undivided = DatasetLocation.UndividedClasses.divided(seed: 0)
        let test = try DatasetLocation.open(folder["data"], split: .test, undivided: undivided, groups: groups)
        let whole = try DatasetLocation.open(folder["data"], split: .train, undivided: undivided, groups: groups)
        let parts = whole.divided(by: HoldOut(), groups: try groups.groups(of: whole, in: folder["data"]))
        let people = try [test, parts.kept, parts.heldOut].map {
            Set(try groups.groups(of: $0, in: folder["data"]).compactMap(\.self))
        }
        #expect(people.allSatisfy { !$0.isEmpty } && people.map(\.count).reduce(0, +) == 7)
        #expect(people[0].union(people[1]).union(people[2]).count == 7)
    }

    @Test func `One class of several may be called train`() throws {
        let folder = try tree(["car", "bus", "train"], count: 5)
        let data = try DatasetLocation.open(folder.path, split: .train, undivided: .divided(seed: 0))
        #expect(data.classNames == ["bus", "car", "train"] && data.count == 12)
        let flat = try tree(["train", "test", "extra"], count: 2)
        #expect(try DatasetLocation.open(flat.path, split: .train, undivided: .divided(seed: 0)).count == 2)
    }

    @Test func `What is passed over is counted by reason, with an example`() throws {
        let folder = try tree(["train/a", "train/b", "train/b/more", "test/a", "extra"], count: 2)
        for name in ["train/a/x.heic", "train/a/y.HEIC", "train/b/notes.txt", "train/readme", "train/a/.DS_Store"] {
            try folder.write([0], to: name)
        }
        for name in ["train/stray.png", "stray.jpg"] { try folder.write([0], to: name) }
        let inventory = try DatasetLocation.open(folder.path, split: .train).inventory
        #expect(inventory.sampleCount == 4 && inventory.classes.map(\.count) == [2, 2])
        let found = Dictionary(uniqueKeysWithValues: inventory.passedOver.map { ($0.reason, $0) })
        #expect(found[.unknownEnding]?.count == 4)
        #expect(found[.unknownEnding]?.endings == [".heic": 2, ".txt": 1, "none": 1])
        #expect(found[.hidden]?.count == 1 && found[.hidden]?.example == folder["train/a/.DS_Store"])
        #expect(found[.outsideClass]?.count == 2 && found[.nestedFolder]?.count == 1)
        #expect(found[.otherFolder]?.example == folder["extra"])
        #expect(inventory.summary.count == 6 && inventory.summary[0] == "4 samples of 2 classes, 2 each")
        #expect(inventory.summary.contains { $0.contains("4 files with another ending (.heic 2, .txt 1, none 1)") })
        let unlabelled = try UnlabelledFolder(folder["train"]).inventory
        #expect(unlabelled.sampleCount == 7 && unlabelled.classes.isEmpty)
        #expect(unlabelled.passedOver.map(\.count) == [4, 1])
        // Views of the data set tell the same.
        let view = DecodedCache(try DatasetLocation.open(folder.path, split: .train).limited(to: 3))
        #expect(view.inventory.passedOver == inventory.passedOver && view.inventory.sampleCount == 3)
    }

    @Test func `Images of other formats are samples, and a class without any says what it holds`() throws {
        let folder = try TemporaryFolder()
        folder.makeFolder("train/a")
        for name in [
            "exact.webp", "exact.bmp", "exact.tif", "exact-pages.tiff", "exact.gif", "gray.png", "turned-1.jpg",
        ] {
            try folder.write(try readBytes(Fixtures.path("pictures/\(name)")), to: "train/a/\(name)")
        }
        let data = try DatasetLocation.open(folder.path, split: .train)
        #expect(data.count == 7 && data.passedOver.isEmpty)
        let loader = try BatchLoader(
            data, preprocessing: try Preprocessing(resize: .exact(width: 4, height: 4)), batchSize: 7)
        #expect(try loader.batches(epoch: 0).next()?.inputs.shape == [7, 3, 4, 4])
        folder.makeFolder("train/b")
        try folder.write([0], to: "train/b/x.heic")
        do throws(MediaError) {
            _ = try DatasetLocation.open(folder.path, split: .train)
            Issue.record("accepted")
        } catch {
            #expect(error.code == .emptyClass && error.message.contains("its 1 files end in .heic"), "\(error)")
        }
    }
}
