import BantamGraph
import BantamMedia
import Testing

/// Makes files as `numpy.save` does.
private struct NPY {
    var magic: [UInt8] = [0x93] + "NUMPY".utf8
    var version: [UInt8] = [1, 0]
    var header: String
    var body: [UInt8]

    init(_ type: String, _ shape: String, order: String = "False", body: [UInt8]) {
        header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }"
        self.body = body
    }

    /// Padded to a multiple of 64 bytes, as NumPy does.
    var bytes: [UInt8] {
        let lengthBytes = version[0] == 1 ? 2 : 4
        var text = Array(header.utf8)
        while (8 + lengthBytes + text.count + 1) % 64 != 0 { text.append(0x20) }
        text.append(0x0A)
        let length = (0..<lengthBytes).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        return magic + version + length + text + body
    }

    static func floats(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) } }
    }
}

@Suite struct NPYFileTests {
    private func read(_ file: NPY, limits: MediaLimits = .standard) throws -> TensorData {
        let folder = try TemporaryFolder()
        return try NPYFile.read(try folder.write(file.bytes, to: "a.npy"), limits: limits)
    }

    @Test(arguments: [[1, 0], [2, 0], [3, 0]] as [[UInt8]])
    func `Bytes and floats are read in each version of the format`(version: [UInt8]) throws {
        var bytes = NPY("|u1", "(2, 1, 3)", body: [1, 2, 3, 4, 5, 255])
        bytes.version = version
        #expect(try read(bytes) == TensorData([2, 1, 3], [1, 2, 3, 4, 5, 255] as [UInt8]))
        var floats = NPY("<f4", "(1, 2, 2)", body: NPY.floats([0.5, -1, 3e9, 0]))
        floats.version = version
        #expect(try read(floats) == TensorData([1, 2, 2], [0.5, -1, 3e9, 0] as [Float]))
    }

    @Test func `Each rule of the format has its error`() throws {
        let good = NPY("|u1", "(2, 1, 3)", body: [1, 2, 3, 4, 5, 6])
        var wrongMagic = good, version = good, huge = good
        wrongMagic.magic[0] = 0x92
        version.version = [4, 0]
        huge.header += String(repeating: " ", count: 70_000)
        huge.version = [2, 0]
        var headers: [NPY] = []
        for header in [
            "", "[]", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 6), 'x': 1}",
            "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 6)}",
            "{'descr': '|u1, 'fortran_order': False, 'shape': (1, 1, 6)}",
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}",
            "{'descr': '|u1', 'fortran_order': Maybe, 'shape': (1, 1, 6)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, -6)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 99999999999999999999, 6)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': 6}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 6)} and more",
        ] {
            var file = good
            file.header = header
            headers.append(file)
        }
        let cases: [(NPY, MediaErrorCode)] =
            [
                (wrongMagic, .badMagic), (version, .unsupportedVersion), (huge, .invalidHeader),
                (NPY("<f8", "(1, 1, 1)", body: Array(repeating: 0, count: 8)), .unsupportedElementType),
                (NPY(">f4", "(1, 1, 1)", body: [0, 0, 0, 0]), .unsupportedElementType),
                (NPY("|O", "(1, 1, 1)", body: [0]), .unsupportedElementType),
                (NPY("|u1", "(2, 1, 3)", order: "True", body: good.body), .unsupportedOrder),
                (NPY("|u1", "(6,)", body: good.body), .wrongDimensionCount),
                (NPY("|u1", "()", body: [1]), .wrongDimensionCount),
                (NPY("|u1", "(1, 2, 1, 3)", body: good.body), .wrongDimensionCount),
                (NPY("|u1", "(2, 0, 3)", body: []), .emptyDimension),
                (NPY("|u1", "(4294967296, 4294967296, 4294967296)", body: []), .tooLarge),
                (NPY("<f4", "(3, 40000, 2)", body: []), .tooLarge),
                (NPY("|u1", "(2, 1, 3)", body: [1, 2, 3]), .truncatedFile),
                (NPY("|u1", "(2, 1, 3)", body: good.body + [7]), .trailingBytes),
                (NPY("<f4", "(1, 1, 2)", body: NPY.floats([1, .nan])), .nonFiniteValue),
                (NPY("<f4", "(1, 1, 2)", body: NPY.floats([-.infinity, 1])), .nonFiniteValue),
            ] + headers.map { ($0, .invalidHeader) }
        for (file, code) in cases {
            #expect(mediaErrorCode(naming: "a.npy") { _ = try read(file) } == code, "\(file.header.prefix(80))")
        }
        let folder = try TemporaryFolder()
        for count in 0..<good.bytes.count {
            let path = try folder.write(Array(good.bytes.prefix(count)), to: "cut.npy")
            let code = mediaErrorCode(naming: path) { _ = try NPYFile.read(path) }
            #expect(code == (count < 6 ? .badMagic : .truncatedFile), "\(count)")
        }
        #expect(mediaErrorCode { _ = try read(good, limits: MediaLimits(dimension: 2)) } == .tooLarge)
    }

    /// `DIR/train/{a,b}/N.npy` of five channels; class b is brighter.
    private func tree(_ shape: String, _ type: String = "|u1") throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (label, name) in ["a", "b"].enumerated() {
            folder.makeFolder("train/\(name)")
            for index in 0..<3 {
                let values = (0..<60).map { UInt8(100 * label + 10 * index + $0 % 5) }
                let body = type == "|u1" ? values : NPY.floats(values.map { Float($0) / 4 })
                try folder.write(NPY(type, shape, body: body).bytes, to: "train/\(name)/\(index).npy")
            }
        }
        return folder
    }

    @Test func `Tensor files in class folders make batches of any number of channels`() throws {
        let folder = try tree("(3, 4, 5)")
        let data = try DatasetLocation.open(folder.path, split: .train)
        #expect(data.count == 6 && data.classNames == ["a", "b"])
        let preprocessing = try Preprocessing(
            colorOrder: .stored, scale: 2, mean: [0, 1, 2, 3, 4], std: [1, 1, 1, 1, 2], layout: .channelsLast)
        #expect(preprocessing.channels == 5)
        let loader = try BatchLoader(data, preprocessing: preprocessing, batchSize: 6)
        let batch = try #require(try loader.batches(epoch: 0).next())
        #expect(batch.inputs.shape == [6, 3, 4, 5])
        // The last of class b: stored 120 + channel.
        #expect(Array(batch.inputs.elements(of: Float.self).suffix(5)) == [240, 241, 242, 243, 122])
        let bytes = try BatchLoader(data, preprocessing: preprocessing.asBytes, batchSize: 6)
        let raw = try #require(try bytes.batches(epoch: 0).next())
        #expect(raw.inputs.type == TensorType(.uint8, [6, 3, 4, 5]))
        #expect(Array(raw.inputs.elements(of: UInt8.self).suffix(5)) == [120, 121, 122, 123, 124])
    }

    @Test func `One mean for all serves any number of channels`() throws {
        let folder = try tree("(5, 3, 4)")
        let data = try DatasetLocation.open(folder.path, split: .train)
        let tensor = try Preprocessing(colorOrder: .stored, scale: 1, mean: [1]).apply(try data.sample(at: 0))
        #expect(tensor.shape == [5, 3, 4])
        #expect(Array(tensor.elements(of: Float.self).prefix(3)) == [-1, 0, 1])
    }

    @Test func `Tensors are scaled and cropped as images are, channel by channel`() throws {
        let image = patternImage(width: 17, height: 11)
        for dtype in [DType.uint8, .float32] {
            let tensor =
                dtype == .uint8
                ? TensorData([11, 17, 3], image.pixels) : TensorData([11, 17, 3], image.pixels.map { Float($0) })
            let preprocessing = try Preprocessing(
                resize: .exact(width: 7, height: 15), crop: ImageExtent(width: 4, height: 3), scale: 1,
                layout: .channelsLast)
            let sample = Sample(.tensor(tensor), label: 0, name: "a.npy")
            let (values, expected) = (
                try preprocessing.apply(sample).elements(of: Float.self),
                try preprocessing.apply(image).elements(of: Float.self)
            )
            #expect(zip(values, expected).allSatisfy { abs($0 - $1) <= (dtype == .uint8 ? 0 : 1.01) })
        }
    }

    @Test func `Floats are normalized without rounding`() throws {
        let sample = Sample(.tensor(TensorData([1, 1, 2], [-3.25, 1e-3] as [Float])), label: 0, name: "a.npy")
        let preprocessing = try Preprocessing(colorOrder: .stored, scale: 1, mean: [0.5], std: [0.25])
        #expect(
            try preprocessing.apply(sample).elements(of: Float.self) == [
                -15, Float((Double(Float(1e-3)) - 0.5) / 0.25),
            ])
    }

    @Test func `A fit takes the channels and the scale from the files`() throws {
        let folder = try tree("(5, 3, 4)")
        let bytes = try DatasetLocation.open(folder.path, split: .train)
        let fitted = try Preprocessing.fitted(to: bytes, inputShape: [5, 3, 4])
        #expect(fitted.colorOrder == .stored && fitted.mean.count == 5 && fitted.scale == 1 / 255)
        let floatFolder = try tree("(5, 3, 4)", "<f4")
        let floats = try DatasetLocation.open(floatFolder.path, split: .train)
        #expect(try Preprocessing.fitted(to: floats, inputShape: [5, 3, 4]).scale == 1)
    }

    @Test func `What a tensor cannot give is said, with its file`() throws {
        let five = Sample(.tensor(TensorData(zeros: TensorType(.float32, [5, 2, 2]))), label: 0, name: "a.npy")
        let cases: [(Preprocessing, MediaErrorCode)] = [
            (try Preprocessing(), .channelMismatch),
            (try Preprocessing(layout: .channelsLast), .channelMismatch),
            (try Preprocessing(colorOrder: .gray), .channelMismatch),
            (try Preprocessing(colorOrder: .stored, elementType: .uint8), .channelMismatch),
            (try Preprocessing(crop: ImageExtent(side: 3), colorOrder: .stored), .extentMismatch),
            (try Preprocessing(colorOrder: .stored, clip: ClipSampling(frameCount: 4)), .clipLengthMismatch),
        ]
        for (preprocessing, code) in cases {
            #expect(mediaErrorCode(naming: "a.npy") { _ = try preprocessing.apply(five) } == code)
        }
        let jittered = try BatchLoader(
            SampleArray([five], classNames: ["a"]), preprocessing: try Preprocessing(colorOrder: .stored), batchSize: 1,
            augmentation: [.colorJitter(brightness: 0.5, contrast: 0)])
        #expect(mediaErrorCode(naming: "a.npy") { _ = try jittered.batches(epoch: 0).next() } == .invalidOption)
    }
}
