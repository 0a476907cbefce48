import BantamGraph
import BantamONNX
import BantamTestSupport
import Glibc
import Testing

@Suite struct `Compressed ONNX` {
    @Test(arguments: ["image_classifier", "clip_classifier", "constants", "functions", "stored_raw", "newest"])
    func `A name that ends in gz gives the plain file, compressed, which reads the same`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let graph = try Fixture.read(name).graph
        let plain = try ONNXFile.write(graph, to: folder.file("m.onnx"))
        let header = try ONNXFile.write(graph, to: folder.file("m.onnx.gz"))
        #expect(try folder.names() == ["m.onnx", "m.onnx.gz"])
        let read = try ONNXFile.read(folder.file("m.onnx.gz"))
        #expect(read.graph == (try ONNXFile.read(folder.file("m.onnx")).graph))
        #expect(read.header == header && header.expandedBytes == plain.fileBytes && plain.expandedBytes == nil)
        #expect(header.fileBytes.bytes == (try bytes(ofFile: folder.file("m.onnx.gz"))).count)
        // Any tool for gzip gives the plain file.
        #expect(system("gunzip -c '\(folder.file("m.onnx.gz"))' > '\(folder.file("by-gunzip"))'") == 0)
        #expect(try bytes(ofFile: folder.file("by-gunzip")) == (try bytes(ofFile: folder.file("m.onnx"))))
    }

    @Test func `Zeros make the file smaller`() throws {
        let folder = try TemporaryFolder()
        var build = GraphBuilder(name: "sparse")
        var random = SeededGenerator(seed: 1)
        let numbers = (0..<200_000).map { _ in random.uniform() < 0.8 ? Float(0) : Float(random.normal()) }
        let weight = build.constant("w", TensorData([400, 500], numbers))
        build.output(build.node("MatMul", [build.input("x", .float32, [1, 400]), weight], name: "product"), name: "y")
        let plain = try ONNXFile.write(build.graph, to: folder.file("m.onnx")).fileBytes.bytes
        let compressed = try ONNXFile.write(build.graph, to: folder.file("m.onnx.gz")).fileBytes.bytes
        // A bit for each weight and four bytes for each that is not zero: what no format for random weights can beat.
        let ideal = 200_000 / 8 + 4 * numbers.count { $0 != 0 }
        #expect(compressed * 10 < plain * 3 && compressed * 10 < ideal * 12)
    }

    @Test func `The content says whether a file is compressed, not the name`() throws {
        let folder = try TemporaryFolder()
        let graph = try Fixture.read("image_classifier").graph
        try ONNXFile.write(graph, to: folder.file("m.onnx.gz"))
        try ONNXFile.write(graph, to: folder.file("m.onnx"))
        #expect(rename(folder.file("m.onnx"), folder.file("plain.onnx.gz")) == 0)
        #expect(rename(folder.file("m.onnx.gz"), folder.file("compressed.onnx")) == 0)
        let graphs = try ["plain.onnx.gz", "compressed.onnx"].map { try ONNXFile.read(folder.file($0)).graph }
        #expect(graphs[0] == graphs[1])
    }

    @Test func `A model may be written over the compressed one it was read from`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("m.onnx.gz")
        try ONNXFile.write(try Fixture.read("image_classifier").graph, to: path)
        let graph = try ONNXFile.read(path).graph
        try ONNXFile.write(graph, to: path)
        #expect(try ONNXFile.read(path).graph == graph)
    }

    /// Too large for one file under ``smallFiles``.
    private func largeGraph() -> Graph {
        var build = GraphBuilder(name: "large")
        let weight = build.constant("w", TensorData([40, 50], (0..<2000).map { Float($0) }))
        build.output(build.node("MatMul", [build.input("x", .float32, [1, 40]), weight], name: "product"), name: "y")
        return build.graph
    }

    private var smallFiles: ONNXFile.WriteOptions {
        var options = ONNXFile.WriteOptions()
        options.largestFile = ByteCount(4096)
        return options
    }

    @Test func `External data beside a compressed model are used as they are`() throws {
        let folder = try TemporaryFolder()
        let graph = largeGraph()
        try ONNXFile.write(graph, to: folder.file("m.onnx"), options: smallFiles)
        #expect(system("gzip '\(folder.file("m.onnx"))'") == 0)
        try #require(try folder.names() == ["m.onnx.data", "m.onnx.gz"])
        let file = try ONNXFile.read(folder.file("m.onnx.gz"))
        #expect(file.graph.contents == graph.contents)
        let sizes = try folder.names().map { try bytes(ofFile: folder.file($0)).count }
        #expect(file.header.fileBytes.bytes == sizes[0] + sizes[1])
    }

    @Test func `A model that needs a second file is not compressed, and the error says what to do`() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: ONNXError.self) {
            try ONNXFile.write(largeGraph(), to: folder.file("m.onnx.gz"), options: smallFiles)
        }
        #expect(error?.code == .fileTooLarge && error?.message.contains("; leave .gz out of its name") == true)
        #expect(try folder.names().isEmpty)
    }

    @Test func `Damaged files are refused with their name`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("m.onnx.gz")
        try ONNXFile.write(try Fixture.read("image_classifier").graph, to: path)
        let whole = try bytes(ofFile: path)
        func error(_ bytes: [UInt8], limits: ONNXLimits = ONNXLimits()) throws -> ONNXError? {
            let path = try folder.write(bytes, to: "m.onnx.gz")
            return #expect(throws: ONNXError.self) { try ONNXFile.read(path, limits: limits) }
        }
        let cut = try error(Array(whole.dropLast(100)))
        #expect(cut?.code == .corrupt && cut?.location?.file == path)
        #expect(cut?.message == "The gzipped file is damaged (it ends early); copy or download it again.")
        var wrongSum = whole
        wrongSum[whole.count - 5] ^= 1
        #expect(try error(wrongSum)?.message.contains("incorrect data check") == true)
        // Not gzip's two bytes: then it is read as ONNX, which it is not.
        #expect(try error([0x1F, 0x8A] + whole.dropFirst(2))?.code == .corrupt)
        var limits = ONNXLimits()
        limits.expandedBytes = ByteCount(1000)
        #expect(try error(whole, limits: limits)?.code == .fileTooLarge)
        limits = ONNXLimits()
        limits.fileBytes = ByteCount(whole.count - 1)
        #expect(try error(whole, limits: limits)?.code == .fileTooLarge)
    }
}
