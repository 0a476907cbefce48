import BantamGraph
import BantamMedia
import Testing

@Suite struct IDXPairTests {
    /// The header of an IDX file.
    private static func header(_ dimensions: [Int], magic: [UInt8] = [0, 0], type: UInt8 = 8) -> [UInt8] {
        magic + [type, UInt8(dimensions.count)]
            + dimensions.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
    }

    private static let images = header([3, 2, 2]) + (0..<12).map { UInt8($0) }
    private static let labels = header([3]) + [0, 9, 4]

    private static func open(
        images: [UInt8] = images, labels: [UInt8] = labels, limits: MediaLimits = .standard
    ) throws -> IDXPair {
        let folder = try TemporaryFolder()
        return try IDXPair(
            images: folder.write(images, to: "images"), labels: folder.write(labels, to: "labels"),
            classNames: IDXPair.digitNames, limits: limits)
    }

    @Test func `A pair gives images and labels`() throws {
        let pair = try Self.open()
        #expect(pair.count == 3)
        let sample = try pair.sample(at: 1)
        #expect(sample.label == 9)
        #expect(pair.label(at: 2) == 4)
        guard case .image(let image) = sample.content else {
            Issue.record("no image")
            return
        }
        #expect(image == Image(width: 2, height: 2, channels: 1, pixels: [4, 5, 6, 7]))
    }

    @Test(arguments: [
        (MediaErrorCode.badMagic, header([3, 2, 2], magic: [1, 0]) + Array(repeating: 0, count: 12)),
        (.unsupportedElementType, header([3, 2, 2], type: 13) + Array(repeating: 0, count: 12)),
        (.wrongDimensionCount, header([12]) + Array(repeating: 0, count: 12)),
        (.emptyDimension, header([3, 0, 2])),
        (.truncatedFile, header([3, 2, 2]) + Array(repeating: 0, count: 11)),
        (.truncatedFile, Array(header([3, 2, 2]).prefix(9))),
        (.truncatedFile, [0, 0]),
        (.truncatedFile, []),
        (.trailingBytes, header([3, 2, 2]) + Array(repeating: 0, count: 13)),
        (.tooLarge, header([0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF])),
        (.tooLarge, header([0x7FFF_FFFF, 28, 28])),
        (.countMismatch, header([2, 2, 2]) + Array(repeating: 0, count: 8)),
    ])
    func `Each broken rule has its error`(code: MediaErrorCode, images: [UInt8]) {
        #expect(
            mediaErrorCode(naming: code == .countMismatch ? "labels" : "images") {
                _ = try Self.open(images: images)
            } == code)
    }

    @Test func `A label without a class is named with its place`() {
        #expect(
            mediaErrorCode(naming: "sample 1") { _ = try Self.open(labels: Self.header([3]) + [0, 10, 4]) }
                == .labelOutOfRange)
    }

    @Test func `A pair without samples is empty`() {
        #expect(
            mediaErrorCode { _ = try Self.open(images: Self.header([0, 2, 2]), labels: Self.header([0])) }
                == .emptyDataset)
    }

    @Test func `Gzipped files are expanded, and damaged ones noticed`() throws {
        #expect(try Self.open(images: Self.gzipped(Self.images)).sample(at: 2).label == 4)
        let compressed = Self.gzipped(Self.images)
        var changed = compressed
        changed[20] ^= 0xFF
        #expect(mediaErrorCode(naming: "images") { _ = try Self.open(images: changed) } == .corruptGzip)
        for count in [5, 14, compressed.count - 9, compressed.count - 3] {
            let cut = Array(compressed.prefix(count))
            let code = mediaErrorCode(naming: "images") { _ = try Self.open(images: cut) }
            #expect(code == .corruptGzip, "\(count)")
        }
    }

    @Test func `Content beyond the limit is refused while it is read`() {
        let limits = MediaLimits(fileBytes: ByteCount(27))
        #expect(mediaErrorCode { _ = try Self.open(limits: limits) } == .tooLarge)
        #expect(mediaErrorCode { _ = try Self.open(limits: MediaLimits(fileBytes: ByteCount(28))) } == nil)
    }

    @Test func `A folder of pairs is found by MNIST's file names`() throws {
        let folder = try TemporaryFolder()
        folder.makeFolder("fashion")
        try folder.write(Self.images, to: "fashion/t10k-images-idx3-ubyte")
        try folder.write(Self.gzipped(Self.labels), to: "fashion/t10k-labels-idx1-ubyte.gz")
        let data = try DatasetLocation.open(folder["fashion"], split: .test)
        #expect(data.count == 3)
        #expect(data.classNames == IDXPair.fashionNames)
        #expect(
            mediaErrorCode(naming: folder["fashion"]) {
                _ = try DatasetLocation.open(folder["fashion"], split: .train)
            } == .missingSplit)
    }

    @Test(.enabled(if: exists("/usr/share/datasets/fashion-mnist"), "Debian's dataset-fashion-mnist is not installed"))
    func `Fashion-MNIST has its known figures`() throws {
        let path = "/usr/share/datasets/fashion-mnist"
        let test = try DatasetLocation.open(path, split: .test)
        #expect(test.count == 10_000)
        #expect(test.classNames[test.label(at: 0)] == "ankle-boot")
        #expect((0..<10_000).count { test.label(at: $0) == 3 } == 1000)
        let loader = try BatchLoader(test, preprocessing: .fashionMNIST, batchSize: 10_000)
        let values = try #require(try loader.batches(epoch: 0).next()).inputs.elements(of: Float.self)
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        #expect(abs(mean) < 0.01)
    }

    /// A gzip file of one stored block.
    private static func gzipped(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt16(bytes.count)
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        let littleEndian = { (value: UInt32, size: Int) in
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + littleEndian(UInt32(count), 2)
            + littleEndian(UInt32(~count), 2) + bytes + littleEndian(~crc, 4) + littleEndian(UInt32(bytes.count), 4)
    }
}
