import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

/// Files of `torch.save`, against what PyTorch reads from them: `Scripts/golden/weights.py`.
@Suite struct PyTorchFileTests {
    static let files = [
        "zip.pth", "protocol4.pth", "protocol5.pth", "legacy.th", "legacy_protocol4.th", "parameters.pth",
        "wrapped.pth", "wrapped_legacy.th", "nested.pth", "parts.pth", "strided.pth", "strided_legacy.th", "types.pth",
    ]

    @Test(arguments: files) func `Every tensor is the one that PyTorch reads`(_ name: String) throws {
        let contents = try SafeTensors.read(fixture("weights/contents.safetensors")).tensors
        let expected = contents.filter { $0.key.hasPrefix("\(name)/") }
        let file = try PyTorchFile.read(fixture("weights/\(name)"))
        #expect(!expected.isEmpty)
        #expect(Set(file.tensors.keys.map { "\(name)/\($0)" }) == Set(expected.keys))
        for (key, tensor) in expected {
            #expect(file.tensors[String(key.dropFirst(name.count + 1))] == tensor, "\(key)")
        }
    }

    @Test(arguments: [
        ("zip.pth", []), ("wrapped.pth", ["state_dict"]), ("wrapped_legacy.th", ["state_dict"]),
        ("nested.pth", ["model", "state_dict"]), ("parts.pth", []),
    ])
    func `It is told under which keys the tensors were`(_ name: String, _ path: [String]) throws {
        #expect(try PyTorchFile.read(fixture("weights/\(name)")).path == path)
    }

    @Test func `The order is that of the file`() throws {
        let names = try PyTorchFile.read(fixture("weights/zip.pth")).tensors.keys
        #expect(names.first == "conv.weight" && names.last == "fc.bias")
    }

    @Test func `What a weight file is, its first bytes say`() throws {
        #expect(try WeightFile.read(fixture("weights/zip.pth")).format == .pyTorch)
        #expect(try WeightFile.read(fixture("weights/legacy.th")).format == .pyTorch)
        let safeTensors = try WeightFile.read(fixture("weights/contents.safetensors"))
        #expect(safeTensors.format == .safeTensors && !safeTensors.tensors.isEmpty)
        #expect(throws: NetworkError.self) { try WeightFile.read(fixture("edge/add.onnx")) }
    }

    @Test func `A file cut off at any byte is refused`() throws {
        let folder = try TemporaryFolder()
        for name in ["nested.pth", "wrapped_legacy.th"] {
            let bytes = try BrokenWeights.bytes(of: fixture("weights/\(name)"))
            for count in stride(from: 0, to: bytes.count, by: 7) {
                let path = try BrokenWeights.write(Array(bytes[..<count]), in: folder)
                #expect(throws: NetworkError.self, "\(name), \(count) bytes") { try WeightFile.read(path) }
            }
        }
    }

    @Test func `A file with any byte changed is read or refused, and never ends the process`() throws {
        let folder = try TemporaryFolder()
        for name in ["parts.pth", "strided_legacy.th"] {
            let bytes = try BrokenWeights.bytes(of: fixture("weights/\(name)"))
            for position in bytes.indices {
                for value: UInt8 in [0, 0xFF] where bytes[position] != value {
                    var changed = bytes
                    changed[position] = value
                    let path = try BrokenWeights.write(changed, in: folder)
                    _ = try? WeightFile.read(path).tensors.values.map(\.byteCount)
                }
            }
        }
    }
}
