import BantamGraph
import BantamMedia
import Testing

@Suite struct PreprocessingTests {
    /// 3x2 pixels whose red, green and blue are 10, 20 and 30 times the pixel's number.
    private let image = Image(
        width: 3, height: 2, channels: 3,
        pixels: [0, 0, 0, 10, 20, 30, 20, 40, 60, 30, 60, 90, 40, 80, 120, 50, 100, 150])

    @Test func `Each value is scaled, shifted and divided, channel by channel`() throws {
        let preprocessing = try Preprocessing(mean: [0.5, 0.25, 0], std: [0.5, 0.25, 2])
        let tensor = try preprocessing.apply(image)
        #expect(tensor.shape == [3, 2, 3])
        let values = tensor.elements(of: Float.self)
        for pixel in 0..<6 {
            #expect(values[pixel] == Float((Double(10 * pixel) / 255 - 0.5) / 0.5))
            #expect(values[6 + pixel] == Float((Double(20 * pixel) / 255 - 0.25) / 0.25))
            #expect(values[12 + pixel] == Float(Double(30 * pixel) / 255 / 2))
        }
    }

    @Test func `A convention adapts to a network of another size`() throws {
        #expect(
            Preprocessing.imageNet().adapted(to: ImageExtent(side: 112), frameCount: nil)
                == .imageNet(shorterSide: 128, crop: 112))
        #expect(Preprocessing.imageNet().adapted(to: nil, frameCount: 8) == .imageNet())
        let clips = Preprocessing.kinetics().adapted(to: ImageExtent(side: 224), frameCount: 32)
        #expect(clips.resize == .exact(width: 342, height: 256) && clips.crop == ImageExtent(side: 224))
        #expect(clips.clip?.frameCount == 32 && clips.mean == Preprocessing.kinetics().mean)
        // A convention of images as they are scales them to an input that is fixed.
        let scaled = Preprocessing.cifar10.adapted(to: ImageExtent(width: 40, height: 24), frameCount: nil)
        #expect(scaled.resize == .exact(width: 40, height: 24) && scaled.mean == Preprocessing.cifar10.mean)
        #expect(Preprocessing.cifar10.adapted(to: nil, frameCount: nil) == .cifar10)
        // The shorter side must still cover an input that is not square.
        let wide = Preprocessing.imageNet().adapted(to: ImageExtent(width: 448, height: 224), frameCount: nil)
        #expect(wide.resize == .shorterSide(pixels: 512))
        try wide.validate()
    }

    @Test func `BGR has the channels the other way round`() throws {
        let values = try Preprocessing(colorOrder: .bgr, scale: 1).apply(image).elements(of: Float.self)
        #expect(values == [0, 30, 60, 90, 120, 150, 0, 20, 40, 60, 80, 100, 0, 10, 20, 30, 40, 50])
    }

    @Test func `Grey comes from RGB by brightness, and RGB from grey by repetition`() throws {
        let gray = try Preprocessing(colorOrder: .gray, scale: 1).apply(image)
        #expect(gray.shape == [1, 2, 3])
        #expect(gray.elements(of: Float.self)[1] == Float(image.gray().pixels[1]))
        let single = Image(width: 2, height: 1, channels: 1, pixels: [7, 9])
        #expect(try Preprocessing(scale: 1).apply(single).elements(of: Float.self) == [7, 9, 7, 9, 7, 9])
    }

    @Test func `The crop is taken from the centre, halves rounded to even`() throws {
        let ramp = Image(width: 6, height: 5, channels: 1, pixels: (0..<30).map { UInt8($0) })
        let preprocessing = try Preprocessing(crop: ImageExtent(width: 3, height: 2), colorOrder: .gray, scale: 1)
        // Left (6 - 3) / 2 = 1.5 becomes 2, top (5 - 2) / 2 = 1.5 becomes 2.
        #expect(try preprocessing.apply(ramp).elements(of: Float.self) == [14, 15, 16, 20, 21, 22])
    }

    @Test(arguments: [(300, 200, 6, 4), (200, 300, 4, 6), (500, 375, 5, 4), (333, 250, 5, 4)])
    func `The shorter side gets its length and the longer follows`(
        width: Int, height: Int, newWidth: Int, newHeight: Int
    ) throws {
        let flat = Image(width: width, height: height, filledWith: [100, 100, 100])
        let tensor = try Preprocessing(resize: .shorterSide(pixels: 4), scale: 1).apply(flat)
        #expect(tensor.shape == [3, newHeight, newWidth])
        #expect(tensor.elements(of: Float.self).allSatisfy { $0 == 100 })
    }

    @Test func `An exact resize gives the pixels of Image resized`() throws {
        let source = patternImage(width: 17, height: 11)
        let values = try Preprocessing(resize: .exact(width: 5, height: 4), scale: 1).apply(source)
        let resized = source.resized(to: ImageExtent(width: 5, height: 4))
        #expect(values.elements(of: Float.self)[7] == Float(resized[x: 2, y: 1, channel: 0]))
        #expect(values.elements(of: Float.self)[20 + 7] == Float(resized[x: 2, y: 1, channel: 1]))
    }

    @Test func `A clip has its frames along the second axis`() throws {
        let frames = (0..<4).map {
            Image(width: 2, height: 2, filledWith: [UInt8($0), UInt8(10 + $0), UInt8(20 + $0)])
        }
        let preprocessing = try Preprocessing(scale: 1, clip: ClipSampling(frameCount: 4))
        let tensor = try preprocessing.apply(clip: frames)
        #expect(tensor.shape == [3, 4, 2, 2])
        let values = tensor.elements(of: Float.self)
        for channel in 0..<3 {
            for time in 0..<4 { #expect(values[(channel * 4 + time) * 4 + 3] == Float(10 * channel + time)) }
        }
    }

    @Test func `The clips and crops of an evaluation are each a view`() throws {
        let frames = (0..<10).map { time in
            Image(width: 4, height: 2, channels: 1, pixels: (0..<8).map { UInt8(10 * time + $0 % 4) })
        }
        let preprocessing = try Preprocessing(
            crop: ImageExtent(side: 2), colorOrder: .gray, scale: 1,
            clip: ClipSampling(frameCount: 2, clipCount: 2, cropCount: 3))
        let views = try preprocessing.views(of: Sample(.clip(frames), label: 0, name: "clip"))
        #expect(views.count == 6)
        #expect(views.allSatisfy { $0.shape == [1, 2, 2, 2] })
        #expect(views.map { $0.elements(of: Float.self)[0] } == [0, 1, 2, 80, 81, 82])
    }

    @Test func `What the image cannot give is said`() throws {
        let large = try Preprocessing(crop: ImageExtent(side: 4))
        #expect(mediaErrorCode { _ = try large.apply(image) } == .extentMismatch)
        let clip = try Preprocessing(clip: ClipSampling(frameCount: 4))
        #expect(mediaErrorCode { _ = try clip.apply(clip: [image]) } == .clipLengthMismatch)
        #expect(mediaErrorCode { _ = try clip.apply(clip: []) } == .clipLengthMismatch)
        let other = Image(width: 5, height: 5, filledWith: [0, 0, 0])
        #expect(mediaErrorCode { _ = try clip.apply(clip: [image, image, image, other]) } == .extentMismatch)
        let still = Sample(.image(image), label: 0, name: "a.png")
        #expect(mediaErrorCode(naming: "a.png") { _ = try clip.apply(still) } == .clipLengthMismatch)
        let video = Sample(.video(path: "v.mp4"), label: 0, name: "v.mp4")
        #expect(mediaErrorCode(naming: "v.mp4") { _ = try large.apply(video) } == .missingClipSampling)
    }

    @Test func `The input shape is known where the preprocessing fixes it`() throws {
        #expect(Preprocessing.imageNet().inputShape == [3, 224, 224])
        #expect(Preprocessing.kinetics(frameCount: 8).inputShape == [3, 8, 112, 112])
        #expect(Preprocessing.fashionMNIST.inputShape == nil)
    }

    @Test(arguments: [
        Preprocessing.imageNet(), .fashionMNIST, .cifar10, .kinetics(), .kinetics(frameCount: 4, framesPerSecond: nil),
    ])
    func `JSON gives back the same value and the same text`(preprocessing: Preprocessing) throws {
        let json = try preprocessing.json()
        #expect(!json.contains("\n"))
        #expect(try Preprocessing(json: json) == preprocessing)
        #expect(try Preprocessing(json: json).json() == json)
    }
}
