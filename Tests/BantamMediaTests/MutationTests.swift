import BantamGraph
import BantamMedia
import Testing

/// Damaged files of every kind: each must give a result or an error, and never end the process.
@Suite struct MutationTests {
    /// `rounds` copies with some bytes changed, every fourth also cut off.
    static func mutations(of bytes: [UInt8], rounds: Int) -> [[UInt8]] {
        var random = SeededGenerator(seed: 2024)
        return (0..<rounds).map { round in
            var copy = bytes
            for _ in 0..<random.integer(below: 12) {
                // Most rules are about the header.
                let end = random.integer(below: 2) == 0 ? copy.count : min(copy.count, 64)
                copy[random.integer(below: end)] = UInt8(truncatingIfNeeded: random.next())
            }
            return round % 4 == 0 ? Array(copy.prefix(random.integer(below: copy.count))) : copy
        }
    }

    static let limits = MediaLimits(pixels: 1 << 20, dimension: 4096, fileBytes: .mebibytes(4))

    @Test func `A damaged picture gives pixels or an error`() throws {
        for original in [Fixtures.jpeg, try ImageFile.png(patternImage(width: 40, height: 30))] {
            for bytes in Self.mutations(of: original, rounds: 300) {
                _ = mediaErrorCode { _ = try ImageFile.decode(bytes, limits: Self.limits) }
            }
        }
    }

    @Test func `A damaged IDX file gives samples or an error`() throws {
        let folder = try TemporaryFolder()
        let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 3] + Array(repeating: 7, count: 24)
        let labels = try folder.write([0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4], to: "labels")
        for bytes in Self.mutations(of: images, rounds: 300) {
            let file = try folder.write(bytes, to: "images")
            _ = mediaErrorCode(naming: folder.path) {
                let pair = try IDXPair(
                    images: file, labels: labels, classNames: IDXPair.digitNames, limits: Self.limits)
                for index in 0..<pair.count { _ = try pair.sample(at: index) }
            }
        }
    }

    @Test func `A damaged tensor file gives a tensor or an error`() throws {
        let folder = try TemporaryFolder()
        let header =
            "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 4), }" + String(repeating: " ", count: 15)
        let whole = [0x93] + "NUMPY".utf8 + [1, 0, UInt8(header.utf8.count), 0] + header.utf8 + [UInt8](1...24)
        #expect(try NPYFile.read(try folder.write(whole, to: "a.npy")).shape == [2, 3, 4])
        for bytes in Self.mutations(of: whole, rounds: 300) {
            let file = try folder.write(bytes, to: "damaged.npy")
            _ = mediaErrorCode(naming: file) { _ = try NPYFile.read(file, limits: Self.limits) }
        }
    }

    @Test func `A damaged file of groups gives groups or an error`() throws {
        let folder = try TemporaryFolder()
        let whole = Array("file,group\n\"a/1.png\",ann\na/2.png,\"bob \"\"b\"\"\"\r\na/3.png,ann\n".utf8)
        #expect(try SampleGroups(csv: try folder.write(whole, to: "a.csv")).count == 3)
        for bytes in Self.mutations(of: whole, rounds: 300) {
            let file = try folder.write(bytes, to: "damaged.csv")
            _ = mediaErrorCode(naming: file) { _ = try SampleGroups(csv: file, limits: Self.limits) }
        }
    }

    @Test(arguments: ["a.mp4", "a.avi", "a.mkv"])
    func `A damaged video gives frames or an error`(name: String) throws {
        let folder = try TemporaryFolder()
        let writer = try VideoWriter(folder[name], extent: ImageExtent(side: 32), framesPerSecond: 25)
        for _ in 0..<12 { try writer.append(patternImage(width: 32, height: 32)) }
        try writer.finish()
        for bytes in Self.mutations(of: try readBytes(folder[name]), rounds: 60) {
            let file = try folder.write(bytes, to: "damaged-\(name)")
            _ = mediaErrorCode(naming: file) { _ = try VideoFile(file, limits: Self.limits).frames(at: [0, 3, 11]) }
            let sample = Sample(.video(path: file), label: 0, name: file)
            for rate in [nil, 3.0] {
                let clip = ClipSampling(frameCount: 4, framesPerSecond: rate)
                _ = mediaErrorCode(naming: file) {
                    _ = try Preprocessing(resize: .exact(width: 8, height: 8), clip: clip).apply(sample)
                }
            }
        }
    }

    @Test func `Damaged preprocessing JSON gives a value or an error`() throws {
        let json = Array(try Preprocessing.kinetics().json().utf8)
        for bytes in Self.mutations(of: json, rounds: 300) {
            let text = String(decoding: bytes, as: UTF8.self)
            _ = mediaErrorCode {
                let preprocessing = try Preprocessing(json: text)
                _ = try preprocessing.json()
                _ = preprocessing.inputShape
            }
        }
    }
}
