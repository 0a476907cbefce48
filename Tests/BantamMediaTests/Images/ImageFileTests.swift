import BantamMedia
import Testing

@Suite struct ImageFileTests {
    @Test(arguments: [(7, 5), (1, 1), (33, 2), (64, 48)])
    func `A PNG gives back the pixels it was made from`(width: Int, height: Int) throws {
        let image = patternImage(width: width, height: height)
        #expect(try ImageFile.decode(try ImageFile.png(image)) == image)
        let gray = image.gray()
        let decoded = try ImageFile.decode(try ImageFile.png(gray))
        #expect(decoded.channels == 1)
        #expect(decoded == gray)
    }

    @Test func `A PNG file is written and read by its path`() throws {
        let folder = try TemporaryFolder()
        let image = patternImage(width: 20, height: 10)
        try ImageFile.writePNG(image, to: folder["a%03d.png"])
        #expect(try ImageFile.decode(folder["a%03d.png"]) == image)
    }

    @Test func `A missing file is named with the reason`() {
        #expect(mediaErrorCode(naming: "/nowhere/x.png") { _ = try ImageFile.decode("/nowhere/x.png") } == .cannotOpen)
    }

    @Test func `A file in a folder that does not exist cannot be written`() {
        let image = patternImage(width: 2, height: 2)
        #expect(
            mediaErrorCode(naming: "/nowhere/") { try ImageFile.writePNG(image, to: "/nowhere/x.png") } == .cannotWrite)
    }

    @Test func `A PNG that is cut off anywhere is damaged`() throws {
        let bytes = try ImageFile.png(patternImage(width: 30, height: 20))
        for count in stride(from: 8, to: bytes.count - 4, by: 97) {
            #expect(mediaErrorCode { _ = try ImageFile.decode(Array(bytes.prefix(count))) } == .corruptMedia)
        }
    }

    @Test func `A changed byte in the pixels of a PNG is noticed`() throws {
        var bytes = try ImageFile.png(patternImage(width: 30, height: 20))
        bytes[bytes.count / 2] ^= 0x55
        #expect(mediaErrorCode { _ = try ImageFile.decode(bytes) } == .corruptMedia)
    }

    @Test func `A file that is no image is refused`() throws {
        #expect(mediaErrorCode { _ = try ImageFile.decode(Array("Hello, hello, hello".utf8)) } == .unsupportedMedia)
        #expect(mediaErrorCode { _ = try ImageFile.decode([]) } == .corruptMedia)
    }

    @Test func `An image beyond the limits is refused before it is decoded`() throws {
        let bytes = try ImageFile.png(patternImage(width: 64, height: 8))
        let narrow = MediaLimits(dimension: 63)
        #expect(mediaErrorCode { _ = try ImageFile.decode(bytes, limits: narrow) } == .tooLarge)
        let small = MediaLimits(pixels: 511)
        #expect(mediaErrorCode { _ = try ImageFile.decode(bytes, limits: small) } == .tooLarge)
    }

    @Test func `A header that claims an enormous picture is refused`() throws {
        var bytes = try ImageFile.png(patternImage(width: 4, height: 4))
        bytes.replaceSubrange(16..<24, with: [0, 0, 0x7F, 0xFF, 0, 0, 0x7F, 0xFF])
        let code = mediaErrorCode { _ = try ImageFile.decode(bytes) }
        // Its checksum is wrong as well; either reason will do.
        #expect(code == .tooLarge || code == .corruptMedia)
    }

    @Test func `A JPEG that is cut off is damaged, and a whole one is close to its original`() throws {
        let bytes = Fixtures.jpeg
        let image = try ImageFile.decode(bytes)
        #expect(image.extent == ImageExtent(width: 16, height: 8))
        // Left half red, right half blue.
        #expect(abs(Int(image[x: 3, y: 4, channel: 0]) - 200) < 12)
        #expect(abs(Int(image[x: 12, y: 4, channel: 2]) - 200) < 12)
        for count in [200, bytes.count / 2, bytes.count - 2] {
            #expect(mediaErrorCode { _ = try ImageFile.decode(Array(bytes.prefix(count))) } == .corruptMedia)
        }
    }

    @Test func `The libraries tell their versions`() throws {
        #expect(try MediaLibrary.versions().contains("libavcodec"))
    }
}
