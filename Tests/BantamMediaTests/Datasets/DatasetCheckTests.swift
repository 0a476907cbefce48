import BantamGraph
import BantamMedia
import Synchronization
import Testing

@Suite struct DatasetCheckTests {
    /// Thirty images of two classes, of which some are damaged in different ways.
    private func tree(_ damaged: [String: [UInt8]]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let png = try ImageFile.png(patternImage(width: 6, height: 4))
        for name in ["a", "b"] {
            folder.makeFolder("train/\(name)")
            for index in 10..<25 { try folder.write(png, to: "train/\(name)/\(index).png") }
        }
        for (name, bytes) in damaged { try folder.write(bytes, to: "train/\(name)") }
        return folder
    }

    @Test(arguments: [1, 2, 5])
    func `All damaged files are found at once, in order, whatever the threads`(threads: Int) throws {
        let png = try ImageFile.png(patternImage(width: 6, height: 4))
        let folder = try tree([
            "a/11.png": [], "a/24.png": Array("no image".utf8), "b/10.png": Array(png.dropLast(20)),
        ])
        let data = try DatasetLocation.open(folder.path, split: .train)
        let seen = Mutex<[Int]>([])
        let check = try data.checked(threads: threads) { done, count in
            #expect(count == 30)
            seen.withLock { $0.append(done) }
        }
        #expect(seen.withLock(\.self) == Array(1...30))
        #expect(check.count == 30 && check.damaged.map(\.index) == [1, 14, 15])
        #expect(check.damaged.map(\.error.code) == [.corruptMedia, .unsupportedMedia, .corruptMedia])
        do {
            try check.requireSound()
            Issue.record("accepted")
        } catch {
            #expect(error.code == .damagedFiles && error.message.hasPrefix("3 of 30 files"))
            for name in ["a/11.png", "a/24.png", "b/10.png"] { #expect(error.message.contains(name)) }
        }
        let rest = data.withoutDamaged(check)
        #expect(rest.count == 27 && rest.inventory.classes.map(\.count) == [13, 14])
        #expect(rest.passedOver.last == PassedOver(.damaged, count: 3, example: folder["train/a/11.png"]))
        try rest.checked().requireSound()
    }

    @Test func `A sound data set passes`() throws {
        let folder = try tree([:])
        let data = try DatasetLocation.open(folder.path, split: .train)
        try data.limited(to: 0).checked(threads: 3).requireSound()
        let check = try data.checked(threads: 2)
        try check.requireSound()
        #expect(check.notes.isEmpty)
    }

    @Test func `With a preprocessing, samples that it cannot take are found too`() throws {
        let small = try ImageFile.png(patternImage(width: 3, height: 3))
        let tall = try readBytes(Fixtures.path("pictures/tall.png"))
        let folder = try tree(["a/12.png": small, "b/13.png": tall])
        let data = try DatasetLocation.open(folder.path, split: .train)
        #expect(try data.checked().damaged.isEmpty)
        let preprocessing = try Preprocessing(crop: ImageExtent(width: 5, height: 4))
        #expect(
            try data.checked(preprocessing: preprocessing).damaged.map(\.error.code) == [
                .extentMismatch, .extentMismatch,
            ])
        #expect(try data.checked(preprocessing: .imageNet()).damaged.map(\.error.code) == [.tooLarge])
    }

    @Test func `Videos are decoded to their end: some are damaged, others end early`() throws {
        let folder = try TemporaryFolder()
        folder.makeFolder("train/a")
        let whole = try VideoWriter(folder["train/a/whole.mp4"], extent: ImageExtent(side: 32), framesPerSecond: 10)
        for _ in 0..<8 { try whole.append(patternImage(width: 32, height: 32)) }
        try whole.finish()
        try folder.write(try readBytes(Fixtures.path("videos/cut-off.mkv")), to: "train/a/cut.mkv")
        try folder.write(try readBytes(Fixtures.path("videos/variable-rate.mp4")), to: "train/a/uneven.mp4")
        let bytes = try readBytes(folder["train/a/whole.mp4"])
        try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "train/a/half.mp4")
        try folder.write(Array("no video".utf8), to: "train/a/text.avi")
        let check = try DatasetLocation.open(folder.path, split: .train).checked(threads: 2)
        #expect(check.damaged.map { $0.file.split(separator: "/").last } == ["half.mp4", "text.avi"])
        #expect(check.notes.map(\.file) == [folder["train/a/cut.mkv"]])
        #expect(check.notes.first?.kind == .endsEarly)
    }
}
