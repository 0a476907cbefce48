import BantamMedia
import Testing

@Suite struct MediaFilesTests {
    @Test func `Files stay in the order in which they are named`() throws {
        let folder = try TemporaryFolder()
        let png = try ImageFile.png(patternImage(width: 6, height: 4))
        for name in ["b.png", "a.PNG"] { try folder.write(png, to: name) }
        let files = try MediaFiles([folder["b.png"], folder["a.PNG"]])
        #expect((0..<files.count).map { files.name(at: $0) } == [folder["b.png"], folder["a.PNG"]])
        #expect(!files.isLabelled && files.label(at: 0) == Sample.noLabel)
        guard case .image(let image) = try files.sample(at: 1).content else {
            Issue.record("no image")
            return
        }
        #expect(image.width == 6)
    }

    @Test func `Folders and files of other kinds are named before anything is read`() throws {
        let folder = try TemporaryFolder()
        for path in [folder.path, "notes.txt", "picture"] {
            let error = #expect(throws: MediaError.self) { try MediaFiles([path]) }
            #expect(error?.code == .unsupportedMedia && error?.location?.file == path)
        }
    }
}
