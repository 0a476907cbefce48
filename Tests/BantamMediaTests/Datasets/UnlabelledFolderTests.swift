import BantamGraph
import BantamMedia
import Glibc
import Testing

@Suite struct UnlabelledFolderTests {
    private func makeTree(_ files: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let png = try ImageFile.png(patternImage(width: 6, height: 4))
        for file in files {
            if let slash = file.lastIndex(of: "/") { folder.makeFolder(String(file[..<slash])) }
            if !file.hasSuffix("/") { try folder.write(png, to: file) }
        }
        return folder
    }

    /// The samples' paths within the folder.
    private func names(_ data: any Dataset, in folder: TemporaryFolder) throws -> [String] {
        try (0..<data.count).map { String(try data.sample(at: $0).name.dropFirst(folder.path.utf8.count + 1)) }
    }

    @Test(arguments: DatasetSplit.allCases)
    func `A folder of images, and of folders of them, is both parts of an unlabelled data set`(
        split: DatasetSplit
    ) throws {
        let folder = try makeTree(["b.png", "a.JPG", "notes.txt", ".hidden.png", "day/night/c.png", "day/d.png"])
        let data = try DatasetLocation.open(folder.path, split: split)
        #expect(!data.isLabelled && data.classNames.isEmpty)
        #expect(try names(data, in: folder) == ["a.JPG", "b.png", "day/d.png", "day/night/c.png"])
        #expect(data.label(at: 0) == Sample.noLabel)
        #expect(try data.sample(at: 3).label == Sample.noLabel)
    }

    @Test func `Parts whose files are not sorted into classes have no labels`() throws {
        let folder = try makeTree(["train/1.png", "train/2.png", "test/cat/1.png", "test/dog/1.png"])
        let train = try DatasetLocation.open(folder.path, split: .train)
        #expect(!train.isLabelled)
        #expect(try names(train, in: folder) == ["train/1.png", "train/2.png"])
        let test = try DatasetLocation.open(folder.path, split: .test)
        #expect(test.isLabelled && test.classNames == ["cat", "dog"])
    }

    @Test func `Class folders make labels, whatever lies beside them`() throws {
        let folder = try makeTree(["train/cat/1.png", "train/stray.png", "stray.png"])
        let data = try DatasetLocation.open(folder.path, split: .train)
        #expect(data.isLabelled && data.count == 1)
    }

    @Test func `Videos are opened when they are used`() throws {
        let folder = try makeTree(["a.mp4", "more/b.AVI"])
        let data = try UnlabelledFolder(folder.path)
        guard case .video(let path) = try data.sample(at: 1).content else {
            Issue.record("no video")
            return
        }
        #expect(path == folder["more/b.AVI"] && data.count == 2)
    }

    @Test func `A link back to the folder itself is followed once`() throws {
        let folder = try makeTree(["day/a.png"])
        let link = folder["day/again"]
        #expect(symlink(folder.path, link) == 0)
        defer { unlink(link) }
        #expect(try UnlabelledFolder(folder.path).count == 1)
    }

    @Test func `Images and videos in one folder are refused`() throws {
        let folder = try makeTree(["a.png", "deep/b.mp4"])
        #expect(
            mediaErrorCode(naming: "deep/b.mp4") { _ = try DatasetLocation.open(folder.path, split: .train) }
                == .mixedMedia)
        let empty = try TemporaryFolder()
        #expect(mediaErrorCode(naming: empty.path) { _ = try UnlabelledFolder(empty.path) } == .emptyDataset)
    }

    @Test func `It is shuffled, limited and divided without classes, and finds none by name`() throws {
        let folder = try makeTree((0..<20).map { "\($0).png" })
        let data = try UnlabelledFolder(folder.path)
        let (kept, heldOut) = data.holdingOut(0.2, seed: 3)
        #expect(heldOut.count == 4 && (kept.indices + heldOut.indices).sorted() == Array(0..<20))
        #expect(data.limited(to: 5, seed: 1).indices != data.limited(to: 5, seed: 2).indices)
        #expect(Set(data.limited(to: 5).indices).isSubset(of: data.limited(to: 9).indices))
        #expect(data.relabeled(as: ["a", "b"]) == nil)
        let loader = try BatchLoader(data.limited(to: 2), preprocessing: try Preprocessing(), batchSize: 2)
        let batch = try #require(try loader.batches(epoch: 0).next())
        #expect(batch.labels.elements(of: Int64.self) == [-1, -1])
    }
}
