import BantamGraph
import BantamMedia
import Testing

@Suite struct ImageFolderTests {
    private static func makeTree(_ files: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let png = try ImageFile.png(patternImage(width: 6, height: 4))
        for file in files {
            if let slash = file.lastIndex(of: "/") { folder.makeFolder(String(file[..<slash])) }
            if !file.hasSuffix("/") { try folder.write(png, to: file) }
        }
        return folder
    }

    @Test func `Classes and files are sorted and labelled`() throws {
        let folder = try Self.makeTree([
            "train/dog/b.png", "train/dog/a.PNG", "train/cat/z.jpg", "train/cat/notes.txt", "train/cat/.hidden.png",
            "train/readme.png", "test/dog/a.png",
        ])
        let train = try DatasetLocation.open(folder.path, split: .train)
        #expect(train.classNames == ["cat", "dog"])
        #expect((0..<train.count).map { train.label(at: $0) } == [0, 1, 1])
        #expect(try train.sample(at: 1).name.hasSuffix("train/dog/a.PNG"))
        #expect(try train.sample(at: 0).label == 0)
    }

    @Test func `A class that only one part has does not shift the labels of the other`() throws {
        let folder = try Self.makeTree(["train/a/1.png", "train/b/1.png", "train/c/1.png", "test/c/1.png"])
        let test = try ImageFolder(folder.path, split: .test)
        #expect(test.classNames == ["a", "b", "c"])
        #expect(test.label(at: 0) == 2)
    }

    @Test func `Each fault of a folder has its error`() throws {
        #expect(
            mediaErrorCode(naming: "/nowhere") { _ = try DatasetLocation.open("/nowhere", split: .train) }
                == .noSuchFolder)
        let cases: [([String], DatasetSplit, MediaErrorCode, String)] = [
            ([], .train, .emptyDataset, "/tmp"),
            (["notes/a.txt"], .train, .unknownLayout, "/tmp"),
            (["train/a/1.png"], .test, .missingSplit, "test"),
            (["train/a/1.png", "train/b/"], .train, .emptyClass, "train/b"),
            (["train/"], .train, .emptyDataset, "train"),
            (["train/a/1.png", "train/b/1.mp4"], .train, .mixedMedia, "1.mp4"),
        ]
        for (files, split, code, name) in cases {
            let folder = try Self.makeTree(files)
            #expect(mediaErrorCode(naming: name) { _ = try DatasetLocation.open(folder.path, split: split) } == code)
        }
        let folder = try Self.makeTree(["train/a/1.png"])
        #expect(
            mediaErrorCode(naming: "1.png") { _ = try DatasetLocation.open(folder["train/a/1.png"], split: .train) }
                == .noSuchFolder)
    }

    @Test func `An unreadable image is named when it is read`() throws {
        let folder = try Self.makeTree(["train/a/1.png", "train/a/2.png"])
        try folder.write(Array("no image".utf8), to: "train/a/2.png")
        let data = try ImageFolder(folder.path, split: .train)
        #expect(data.count == 2)
        #expect(mediaErrorCode(naming: "train/a/2.png") { _ = try data.sample(at: 1) } == .unsupportedMedia)
        let loader = try BatchLoader(data, preprocessing: try Preprocessing(), batchSize: 2)
        let batches = loader.batches(epoch: 0)
        #expect(mediaErrorCode(naming: "train/a/2.png") { _ = try batches.next() } == .unsupportedMedia)
        #expect(try batches.next() == nil)
    }

    @Test func `Videos are sampled into clips`() throws {
        let folder = try TemporaryFolder()
        folder.makeFolder("train/run")
        let writer = try VideoWriter(folder["train/run/a.mp4"], extent: ImageExtent(side: 32), framesPerSecond: 30)
        for index in 0..<20 {
            try writer.append(Image(width: 32, height: 32, filledWith: Array(repeating: UInt8(10 * index), count: 3)))
        }
        try writer.finish()
        let data = try DatasetLocation.open(folder.path, split: .train)
        let preprocessing = try Preprocessing(
            resize: .exact(width: 16, height: 8), scale: 1, clip: ClipSampling(frameCount: 3, framesPerSecond: 15))
        let tensor = try preprocessing.apply(try data.sample(at: 0))
        #expect(tensor.shape == [3, 3, 8, 16])
        let values = tensor.elements(of: Float.self)
        // 20 frames, a span of 5: the middle clip starts at frame 7.
        for (time, expected) in [70, 90, 110].enumerated() {
            #expect(abs(values[time * 128 + 60] - Float(expected)) <= 4)
        }
    }

    @Test func `A cache gives the same samples`() throws {
        let folder = try Self.makeTree(["train/a/1.png", "train/a/2.png", "train/b/1.png"])
        let data = try ImageFolder(folder.path, split: .train)
        // Room for two pictures of 72 bytes.
        let cache = DecodedCache(data, limit: ByteCount(150))
        for _ in 0..<2 {
            for index in 0..<3 {
                let (cached, direct) = (try cache.sample(at: index), try data.sample(at: index))
                #expect(cached.name == direct.name && cached.label == direct.label)
                guard case .image(let left) = cached.content, case .image(let right) = direct.content else {
                    Issue.record("no image")
                    continue
                }
                #expect(left == right)
            }
        }
        #expect(cache.classNames == ["a", "b"] && cache.label(at: 2) == 1)
    }
}
