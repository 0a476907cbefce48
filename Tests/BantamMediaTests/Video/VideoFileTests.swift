import BantamMedia
import Testing

@Suite struct VideoFileTests {
    /// Frame `i` is grey of brightness `2 * i`, with a corner that is always white.
    private static func frame(_ index: Int, extent: ImageExtent) -> Image {
        var pixels: [UInt8] = []
        for y in 0..<extent.height {
            for x in 0..<extent.width {
                let value = UInt8(x < 4 && y < 4 ? 255 : 2 * index)
                pixels += [value, value, value]
            }
        }
        return Image(width: extent.width, height: extent.height, channels: 3, pixels: pixels)
    }

    private static func write(
        _ count: Int, to path: String, codec: String = "mpeg4", rate: Double = 30,
        extent: ImageExtent = ImageExtent(width: 48, height: 32)
    ) throws {
        let writer = try VideoWriter(path, extent: extent, framesPerSecond: rate, codec: codec)
        for index in 0..<count { try writer.append(frame(index, extent: extent)) }
        try writer.finish()
    }

    /// Which frame an image shows, by its brightness away from the corner.
    private static func index(of image: Image) -> Double {
        Double(image[x: 30, y: 20, channel: 1]) / 2
    }

    @Test(arguments: ["clip.mp4", "clip.avi", "clip.mkv"])
    func `A video gives back its frames in order`(name: String) throws {
        let folder = try TemporaryFolder()
        try Self.write(40, to: folder[name])
        let video = try VideoFile(folder[name])
        #expect(video.extent == ImageExtent(width: 48, height: 32))
        #expect(abs((video.framesPerSecond ?? 0) - 30) < 0.01)
        #expect(video.frameCount == 40)
        #expect(abs((video.durationSeconds ?? 0) - 40.0 / 30) < 0.05)
        var count = 0
        while let frame = try video.next() {
            #expect(abs(Self.index(of: frame.image) - Double(count)) <= 1.5)
            #expect(abs((frame.seconds ?? -1) - Double(count) / 30) < 0.002)
            count += 1
        }
        #expect(count == 40)
        #expect(try video.next() == nil)
    }

    @Test func `A lossless video gives back its pixels`() throws {
        let folder = try TemporaryFolder()
        let frames = (0..<5).map { _ in patternImage(width: 30, height: 21) }
        let writer = try VideoWriter(folder["a.mkv"], extent: frames[0].extent, framesPerSecond: 25, codec: "ffv1")
        for frame in frames { try writer.append(frame) }
        try writer.finish()
        let video = try VideoFile(folder["a.mkv"])
        for frame in frames { #expect(try video.next()?.image == frame) }
    }

    @Test(arguments: ["clip.mp4", "clip.avi", "clip.mkv"])
    func `Frames are found by position, near and far, forwards and backwards`(name: String) throws {
        let folder = try TemporaryFolder()
        try Self.write(120, to: folder[name])
        let video = try VideoFile(folder[name])
        for positions in [[0, 4, 8], [100, 101, 101, 115], [60, 61], [0], [119, 119, 400, 500]] {
            let images = try video.frames(at: positions)
            #expect(images.count == positions.count)
            for (image, position) in zip(images, positions) {
                #expect(abs(Self.index(of: image) - Double(min(position, 119))) <= 1.5, "\(positions)")
            }
        }
    }

    @Test func `The same frames make the same file`() throws {
        let folder = try TemporaryFolder()
        try Self.write(8, to: folder["a.mp4"])
        try Self.write(8, to: folder["b.mp4"])
        #expect(try readBytes(folder["a.mp4"]) == readBytes(folder["b.mp4"]))
    }

    @Test func `What is no video is refused with the reason`() throws {
        let folder = try TemporaryFolder()
        let text = try folder.write(Array("This is no video at all.".utf8), to: "a.mp4")
        let missing = folder["missing.mp4"]
        let code = mediaErrorCode(naming: text) { _ = try VideoFile(text) }
        #expect(code == .corruptMedia || code == .unsupportedMedia)
        #expect(mediaErrorCode(naming: missing) { _ = try VideoFile(missing) } == .cannotOpen)
    }

    @Test func `A playlist cannot make us open another file`() throws {
        let folder = try TemporaryFolder()
        try Self.write(3, to: folder["secret.mp4"])
        let list = "ffconcat version 1.0\nfile secret.mp4\n"
        let playlist = try folder.write(Array(list.utf8), to: "a.mp4")
        #expect(mediaErrorCode(naming: playlist) { _ = try VideoFile(playlist) } != nil)
        #expect(mediaErrorCode { _ = try VideoFile("concat:\(folder["secret.mp4"])") } == .cannotOpen)
    }

    @Test func `A video without its index is damaged`() throws {
        let folder = try TemporaryFolder()
        try Self.write(20, to: folder["a.mp4"])
        let bytes = try readBytes(folder["a.mp4"])
        let cut = try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "cut.mp4")
        #expect(mediaErrorCode(naming: cut) { _ = try VideoFile(cut) } == .noVideoStream)
    }

    @Test func `A video beyond the limits is refused`() throws {
        let folder = try TemporaryFolder()
        try Self.write(3, to: folder["a.avi"])
        let limits = MediaLimits(dimension: 47)
        #expect(mediaErrorCode { _ = try VideoFile(folder["a.avi"], limits: limits) } == .tooLarge)
    }

    @Test func `A video that is not finished leaves no file`() throws {
        let folder = try TemporaryFolder()
        do {
            let writer = try VideoWriter(folder["a.mp4"], extent: ImageExtent(side: 32), framesPerSecond: 10)
            try writer.append(Self.frame(0, extent: ImageExtent(side: 32)))
        }
        #expect(!exists(folder["a.mp4"]))
    }

    @Test func `A container or codec that does not exist is named`() throws {
        let folder = try TemporaryFolder()
        let extent = ImageExtent(side: 32)
        #expect(
            mediaErrorCode { _ = try VideoWriter(folder["a.xyz"], extent: extent, framesPerSecond: 10) }
                == .unsupportedMedia)
        #expect(
            mediaErrorCode { _ = try VideoWriter(folder["a.mp4"], extent: extent, framesPerSecond: 10, codec: "nope") }
                == .unsupportedMedia)
        #expect(
            mediaErrorCode { _ = try VideoWriter("/nowhere/a.mp4", extent: extent, framesPerSecond: 10) }
                == .cannotWrite)
        #expect(!exists(folder["a.mp4"]))
    }

    @Test func `A camera that is not there is named`() {
        #expect(mediaErrorCode(naming: "/dev/video97") { _ = try Camera("/dev/video97") } == .cannotOpen)
    }
}
