import BantamGraph
import BantamMedia
import Testing

@Suite struct AugmentationTests {
    private static let ramp = Image(width: 4, height: 3, channels: 1, pixels: (1...12).map { UInt8($0) })

    /// What a recipe makes of `count` samples of the same picture, in several epochs.
    private func outcomes(
        _ recipe: [Augmentation], image: Image = ramp, crop: ImageExtent? = nil, count: Int = 40
    ) throws -> [[Float]] {
        let samples = (0..<count).map { Sample(.image(image), label: 0, name: "\($0)") }
        let loader = try BatchLoader(
            SampleArray(samples, classNames: ["a"]),
            preprocessing: try Preprocessing(
                crop: crop, colorOrder: image.channels == 1 ? .gray : .rgb, scale: 1),
            batchSize: count,
            augmentation: recipe, workers: 0)
        let batch = try #require(try loader.batches(epoch: 0).next())
        let size = batch.inputs.elementCount / count
        let values = batch.inputs.elements(of: Float.self)
        return (0..<count).map { Array(values[$0 * size..<($0 + 1) * size]) }
    }

    @Test func `A flip mirrors each row`() throws {
        let mirrored: [Float] = [4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9]
        #expect(try outcomes([.horizontalFlip(probability: 1)]).allSatisfy { $0 == mirrored })
        let some = try outcomes([.horizontalFlip(probability: 0.5)]).count { $0 == mirrored }
        #expect((8...32).contains(some))
    }

    @Test func `A random crop shifts the picture into black`() throws {
        var seen: Set<[Float]> = []
        for outcome in try outcomes([.randomCrop(padding: 1)], count: 200) {
            seen.insert(outcome)
            let isShifted = (-1...1).contains { dy in
                (-1...1).contains { dx in
                    (0..<12).allSatisfy { index in
                        let (x, y) = (index % 4 + dx, index / 4 + dy)
                        let inside = (0..<4).contains(x) && (0..<3).contains(y)
                        return outcome[index] == (inside ? Float(y * 4 + x + 1) : 0)
                    }
                }
            }
            #expect(isShifted)
        }
        #expect(seen.count == 9)
    }

    @Test func `A random crop shows what the picture has around the crop, and black beyond`() throws {
        // 2 x 1 out of the middle of 4 x 3.
        let crop = ImageExtent(width: 2, height: 1)
        var seen: Set<[Float]> = []
        for outcome in try outcomes(
            [.randomCrop(padding: 2), .horizontalFlip(probability: 0.5)], crop: crop, count: 400)
        {
            seen.insert(outcome)
        }
        func value(_ x: Int, _ y: Int) -> Float {
            (0..<4).contains(x) && (0..<3).contains(y) ? Float(y * 4 + x + 1) : 0
        }
        var expected: Set<[Float]> = []
        for y in -1...3 {
            for x in -1...3 {
                expected.insert([value(x, y), value(x + 1, y)])
                expected.insert([value(x + 1, y), value(x, y)])
            }
        }
        #expect(seen == expected)
    }

    @Test func `A shift further than the picture leaves black`() throws {
        for outcome in try outcomes([.randomCrop(padding: 50), .horizontalFlip(probability: 0.5)]) {
            #expect(outcome.allSatisfy { (0...12).contains($0) })
        }
    }

    @Test func `A shift and a flip work on colour pictures together`() throws {
        let image = patternImage(width: 5, height: 4)
        for outcome in try outcomes([.randomCrop(padding: 2), .horizontalFlip(probability: 1)], image: image) {
            // Where the red channel shows a source pixel, green and blue show the same one.
            for index in 0..<20 where outcome[index] > 0 {
                let sources = (0..<20).filter { Float(image.pixels[3 * $0]) == outcome[index] }
                #expect(sources.contains { Float(image.pixels[3 * $0 + 2]) == outcome[40 + index] })
            }
        }
    }

    @Test func `Erasing sets a rectangle to the mean and leaves the rest`() throws {
        let flat = Image(width: 20, height: 20, channels: 1, pixels: Array(repeating: 200, count: 400))
        for outcome in try outcomes([.randomErasing(probability: 1, largestArea: 0.3)], image: flat) {
            let erased = outcome.indices.filter { outcome[$0] == 0 }
            #expect((4...140).contains(erased.count))
            let rows = Set(erased.map { $0 / 20 })
            let columns = Set(erased.map { $0 % 20 })
            #expect(erased.count == rows.count * columns.count)
            #expect(outcome.allSatisfy { $0 == 0 || $0 == 200 })
        }
    }

    @Test(arguments: [nil, 3]) func `Mixing puts a rectangle of another sample in, and tells its label and share`(
        frames: Int?
    ) throws {
        // Sample `i` is of brightness `i + 1` and class `i % 3`.
        let samples = (0..<60).map { index in
            let image = Image(width: 20, height: 10, filledWith: [UInt8(index + 1)])
            return Sample(
                frames.map { .clip(Array(repeating: image, count: $0)) } ?? .image(image), label: index % 3,
                name: "\(index)")
        }
        let loader = try BatchLoader(
            SampleArray(samples, classNames: ["a", "b", "c"]),
            preprocessing: try Preprocessing(
                colorOrder: .gray, scale: 1, clip: frames.map { ClipSampling(frameCount: $0) }),
            batchSize: 60, augmentation: [.cutMix(probability: 0.5)])
        let batch = try #require(try loader.batches(epoch: 0).next())
        let mixture = try #require(batch.mixture)
        let (others, shares) = (mixture.labels.elements(of: Int64.self), mixture.shares.elements(of: Float.self))
        let values = batch.inputs.elements(of: Float.self)
        let size = values.count / 60
        for row in 0..<60 {
            let outcome = values[row * size..<(row + 1) * size].map { $0 }
            let foreign = outcome.indices.filter { outcome[$0] != Float(row + 1) }
            if let first = foreign.first {
                #expect(Int(outcome[first] - 1) % 3 == Int(others[row]))
                #expect(Set(foreign.map { outcome[$0] }).count == 1)
                #expect(abs(Float(foreign.count) / Float(size) - shares[row]) < 1e-6)
                #expect(Set(foreign.map { $0 % 20 }).count * Set(foreign.map { $0 / 20 }).count == foreign.count)
            }
        }
        #expect((15...45).contains(shares.count { $0 > 0 }))
        #expect(shares.contains { $0 > 0.7 } && shares.contains { (0.01..<0.3).contains($0) })
    }

    @Test func `Colour jitter keeps values in range and the order of brightness`() throws {
        var darkest: Set<Float> = []
        for outcome in try outcomes([.colorJitter(brightness: 0.4, contrast: 0.4)]) {
            #expect(outcome.allSatisfy { (0...255).contains($0) })
            #expect(zip(outcome, outcome.dropFirst()).allSatisfy { $0 <= $1 })
            darkest.insert(outcome[11])
        }
        #expect(darkest.count > 20)
    }

    @Test func `A random window starts anywhere in the video, and all frames share one draw`() throws {
        let frames = (0..<30).map { Image(width: 2, height: 1, channels: 1, pixels: [UInt8($0 + 1), 100]) }
        let samples = (0..<50).map { Sample(.clip(frames), label: 0, name: "\($0)") }
        let loader = try BatchLoader(
            SampleArray(samples, classNames: ["a"]),
            preprocessing: try Preprocessing(colorOrder: .gray, scale: 1, clip: ClipSampling(frameCount: 3)),
            batchSize: 50, augmentation: [.randomWindow, .horizontalFlip(probability: 0.5)])
        let values = try #require(try loader.batches(epoch: 0).next()).inputs.elements(of: Float.self)
        var starts: Set<Float> = []
        for row in 0..<50 {
            let clip = values[row * 6..<(row + 1) * 6].map { $0 }
            let flipped = clip[0] == 100
            let times = [0, 1, 2].map { clip[2 * $0 + (flipped ? 1 : 0)] }
            #expect(times[1] == times[0] + 1 && times[2] == times[0] + 2)
            starts.insert(times[0])
        }
        #expect(starts.count > 10)
    }

    @Test(arguments: [
        Augmentation.randomCrop(padding: -1), .horizontalFlip(probability: 1.5),
        .colorJitter(brightness: -0.1, contrast: 0), .randomErasing(probability: 0.5, largestArea: .nan),
        .cutMix(probability: 2),
    ])
    func `A number that cannot be meant is refused`(augmentation: Augmentation) {
        #expect(mediaErrorCode { try augmentation.validate() } == .invalidOption)
    }
}
