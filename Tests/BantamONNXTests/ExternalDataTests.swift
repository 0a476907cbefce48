import BantamGraph
import BantamONNX
import BantamTestSupport
import Glibc
import Testing

@Suite struct `External data` {
    @Test func `Weights are read from a file below the model's folder`() throws {
        let file = try Fixture.read("external")
        #expect(try file.graph.constant(named: "weight").shape == [4, 4])
        let stored = try bytes(ofFile: "\(Fixture.folder)/weights/model.bin")
        #expect(try file.graph.constant(named: "weight").withUnsafeBytes { Array($0) } == Array(stored[..<64]))
        #expect(try file.graph.constant(named: "bias").withUnsafeBytes { Array($0) } == Array(stored[128..<144]))
        let modelBytes = try bytes(ofFile: Fixture.path("external")).count
        #expect(file.header.fileBytes == ByteCount(modelBytes + stored.count))
    }

    @Test func `A link that leads out of the model's folder is not followed`() throws {
        let folder = try TemporaryFolder()
        let model = try external(in: folder)
        #expect(unlink(folder.file("model.onnx.data")) == 0)
        #expect(symlink("/etc/passwd", folder.file("model.onnx.data")) == 0)
        #expect(code { () throws(ONNXError) in try ONNXFile.read(model) } == .externalPath)
    }

    @Test func `A link within the model's folder is followed`() throws {
        let folder = try TemporaryFolder()
        let model = try external(in: folder)
        #expect(rename(folder.file("model.onnx.data"), folder.file("blob")) == 0)
        #expect(symlink("blob", folder.file("model.onnx.data")) == 0)
        _ = try ONNXFile.read(model)
    }

    @Test func `A model beyond the size of one message is written as two files and reads the same`() throws {
        let folder = try TemporaryFolder()
        let graph = try Self.graph()
        let file = try ONNXFile.read(try external(in: folder))
        #expect(file.graph.contents == graph.contents)
        #expect(try folder.names() == ["model.onnx", "model.onnx.data"])
        let bytesOnDisk = try folder.names().map { try bytes(ofFile: folder.file($0)).count }.reduce(0, +)
        #expect(file.header.fileBytes == ByteCount(bytesOnDisk))
    }

    private static func graph() throws -> Graph {
        var build = GraphBuilder(name: "wide")
        let x = build.input("x", .float32, ["N", 64])
        let weights = (0..<64 * 64).map { Float($0) }
        let first = build.node("MatMul", [x, build.constant("w1", TensorData([64, 64], weights))], name: "first")
        let bias = build.constant("bias", TensorData([64], [Float](repeating: 0.5, count: 64)))
        let second = build.node("Add", [first, bias], name: "second")
        let third = build.node("MatMul", [second, build.constant("w2", TensorData([64, 64], weights.reversed()))])
        build.output(third, name: "y")
        return build.graph
    }

    /// - Returns: The model's path.
    private func external(in folder: TemporaryFolder) throws -> String {
        var options = ONNXFile.WriteOptions()
        options.largestFile = ByteCount(10_000)
        let header = try ONNXFile.write(try Self.graph(), to: folder.file("model.onnx"), options: options)
        #expect(header.fileBytes.bytes > 32_768)
        return folder.file("model.onnx")
    }
}
