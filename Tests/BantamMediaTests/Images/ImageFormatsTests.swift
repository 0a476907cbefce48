import BantamGraph
import BantamMedia
import Testing

/// Pictures that Pillow has written (`Scripts/golden/pictures.py`).
@Suite struct ImageFormatsTests {
    private func decode(_ name: String) throws -> Image {
        try ImageFile.decode(Fixtures.path("pictures/\(name)"))
    }

    private func largestDifference(_ image: Image, _ other: Image) -> Int {
        guard image.extent == other.extent, image.channels == other.channels else { return .max }
        return zip(image.pixels, other.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    }

    @Test(arguments: [
        "exact.webp", "exact.bmp", "exact.tif", "exact-lzw.tif", "exact-deflate.tiff", "exact-palette.png",
        "exact-palette.bmp", "exact.gif",
    ])
    func `Each lossless format gives its pixels`(name: String) throws {
        #expect(try decode(name) == Fixtures.picture())
    }

    @Test(arguments: ["moving.webp", "exact-pages.tiff", "moving.gif"])
    func `Of several pictures the first is taken`(name: String) throws {
        #expect(try decode(name) == Fixtures.picture())
    }

    @Test(arguments: ["lossy.webp", "see-through.webp", "moving-lossy.webp", "moving-see-through.webp"])
    func `A lossy picture is near its original, and transparency is dropped`(name: String) throws {
        #expect(largestDifference(try decode(name), Fixtures.picture()) < 60)
    }

    @Test(arguments: ["gray.tif", "gray.bmp", "gray.png"])
    func `A grey picture has grey values, of one channel or three equal ones`(name: String) throws {
        let image = try decode(name)
        let expected = Fixtures.picture().gray()
        for y in 0..<4 {
            for x in 0..<6 {
                for channel in 0..<image.channels {
                    #expect(image[x: x, y: y, channel: channel] == expected[x: x, y: y, channel: 0])
                }
            }
        }
    }

    /// What a viewer shows of pixel (x, y), written out from the definition in EXIF.
    private func seen(_ orientation: Int, of image: Image) -> Image {
        let sideways = orientation >= 5
        let (width, height) = sideways ? (image.height, image.width) : (image.width, image.height)
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let source =
                    switch orientation {
                    case 1: (x, y)
                    case 2: (width - 1 - x, y)
                    case 3: (width - 1 - x, height - 1 - y)
                    case 4: (x, height - 1 - y)
                    case 5: (y, x)
                    case 6: (y, width - 1 - x)
                    case 7: (height - 1 - y, width - 1 - x)
                    default: (height - 1 - y, x)
                    }
                for channel in 0..<3 { pixels.append(image[x: source.0, y: source.1, channel: channel]) }
            }
        }
        return Image(width: width, height: height, channels: 3, pixels: pixels)
    }

    @Test(arguments: 1...8)
    func `The orientation that a camera notes is applied in each format`(orientation: Int) throws {
        for ending in ["png", "webp", "tif"] {
            #expect(
                try decode("turned-\(orientation).\(ending)") == seen(orientation, of: Fixtures.picture()), "\(ending)")
        }
        let image = try decode("turned-\(orientation).jpg")
        let expected = seen(orientation, of: Fixtures.picture())
        #expect(image.extent == ImageExtent(width: 10 * expected.width, height: 10 * expected.height))
        let middles = Image(
            width: expected.width, height: expected.height, channels: 3,
            pixels: (0..<expected.pixels.count).map { index in
                let (place, channel) = (index / 3, index % 3)
                return image[
                    x: 10 * (place % expected.width) + 5, y: 10 * (place / expected.width) + 5, channel: channel]
            })
        #expect(largestDifference(middles, expected) < 30)
    }

    @Test func `An orientation that is no number from 1 to 8 is passed over`() throws {
        let bytes = try readBytes(Fixtures.path("pictures/turned-6.tif"))
        // The entry of the directory: tag 0x0112, type 3, count 1, value 6.
        let entry: [UInt8] = [0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0]
        let place = try #require((0..<bytes.count - 10).first { Array(bytes[$0..<$0 + 10]) == entry })
        for value: UInt8 in [0, 9, 255] {
            var changed = bytes
            changed[place + 8] = value
            #expect(try ImageFile.decode(changed) == Fixtures.picture())
        }
    }

    @Test(arguments: [
        "exact.webp", "moving.webp", "exact.bmp", "exact.tif", "exact-lzw.tif", "exact.gif", "moving.gif",
        "turned-6.jpg", "turned-6.png", "turned-6.webp",
    ])
    func `A file that is cut off is damaged, or too short to tell what it is`(name: String) throws {
        let bytes = try readBytes(Fixtures.path("pictures/\(name)"))
        for count in stride(from: 1, to: bytes.count - 2, by: max(1, bytes.count / 40)) {
            let cut = Array(bytes.prefix(count))
            let code = mediaErrorCode { _ = try ImageFile.decode(cut) }
            // The directory of a TIFF file lies at its end: what is cut from there may be no pixels.
            if name.hasSuffix(".tif"), code == nil {
                #expect(try ImageFile.decode(cut) == Fixtures.picture())
                continue
            }
            #expect(code == .corruptMedia || code == .unsupportedMedia, "\(count) of \(bytes.count)")
        }
    }

    @Test func `A damaged picture of each format gives pixels or an error`() throws {
        for name in ["exact.webp", "moving-lossy.webp", "exact.bmp", "exact-lzw.tif", "moving.gif", "turned-6.jpg"] {
            let bytes = try readBytes(Fixtures.path("pictures/\(name)"))
            for damaged in MutationTests.mutations(of: bytes, rounds: 200) {
                _ = mediaErrorCode { _ = try ImageFile.decode(damaged, limits: MutationTests.limits) }
            }
        }
    }

    @Test func `A picture of a few bytes that scaling would blow up is refused`() throws {
        let path = Fixtures.path("pictures/tall.png")
        let sample = Sample(.image(try ImageFile.decode(path)), label: 0, name: path)
        #expect(mediaErrorCode(naming: "tall.png") { _ = try Preprocessing.imageNet().apply(sample) } == .tooLarge)
    }
}
