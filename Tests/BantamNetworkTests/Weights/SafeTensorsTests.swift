import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

@Suite struct SafeTensorsTests {
    /// One tensor of every type the format has, a scalar and an empty one.
    private func everything() -> SafeTensors {
        let bytes = (0..<24).map { UInt8($0 % 2) }
        let storage = bytes.withUnsafeBytes { TensorStorage(copying: $0) }
        var file = SafeTensors(metadata: ["format": "pt", "quotes": "\"ü\"\n"])
        for dtype in DType.allCases where dtype.bitWidth >= 8 {
            file.tensors["of.\(dtype.rawValue)"] = TensorData(TensorType(dtype, [3]), storage: storage)
        }
        file.tensors["scalar"] = TensorData(scalar: Float(2.5))
        file.tensors["empty"] = TensorData([0, 4], [] as [Float])
        file.tensors["clip/\\\"weights\""] = TensorData([1, 2, 1, 2, 1], [1, 2, 3, 4] as [Float])
        return file
    }

    @Test func `What is written is read again, of every type and shape`() throws {
        let folder = try TemporaryFolder()
        let file = everything()
        try file.write(to: folder.file("all.safetensors"))
        let read = try SafeTensors.read(folder.file("all.safetensors"))
        #expect(read.metadata == file.metadata)
        #expect(read.tensors.count == file.tensors.count)
        for (name, tensor) in file.tensors { #expect(read.tensors[name] == tensor, "\(name)") }
        #expect(try folder.names() == ["all.safetensors"])
    }

    @Test func `A file without tensors is read again`() throws {
        let folder = try TemporaryFolder()
        try SafeTensors().write(to: folder.file("empty.safetensors"))
        #expect(try SafeTensors.read(folder.file("empty.safetensors")).tensors.isEmpty)
    }

    @Test func `Tensors outlive the file they were read from`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("replaced.safetensors")
        try SafeTensors(tensors: ["x": TensorData([2], [1, 2] as [Float])]).write(to: path)
        let first = try SafeTensors.read(path)
        try SafeTensors(tensors: ["x": TensorData([2], [3, 4] as [Float])]).write(to: path)
        #expect(first.tensors["x"]?.elements(of: Float.self) == [1, 2])
        #expect(try SafeTensors.read(path).tensors["x"]?.elements(of: Float.self) == [3, 4])
    }

    @Test func `Files written by the format's own library are read`() throws {
        let file = try SafeTensors.read(fixture("goldens/image_training.safetensors"))
        #expect(file.tensors["labels"] == TensorData([4], [0, 1, 2, 0] as [Int64]))
        #expect(file.tensors["model/conv2.weight"]?.shape == [6, 2, 3, 3])
    }

    @Test func `A type that the format lacks, and a folder that is not there, are refused`() throws {
        let folder = try TemporaryFolder()
        let narrow = SafeTensors(tensors: ["w": TensorData(zeros: TensorType(.int4, [4]))])
        let unsupported = #expect(throws: NetworkError.self) { try narrow.write(to: folder.file("w.safetensors")) }
        #expect(unsupported?.message.contains("int4") == true)
        let missing = #expect(throws: NetworkError.self) { try SafeTensors().write(to: folder.file("no/x")) }
        #expect(missing?.location?.file == folder.file("no/x"))
        #expect(try folder.names().isEmpty)
    }
}
