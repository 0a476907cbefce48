import BantamGraph
import BantamONNX
import BantamTestSupport
import Testing

/// Whatever is in a file, reading it ends in a graph or an error, and a graph that verifies can be written again.
@Suite struct `Damaged ONNX files` {
    static let files = [
        "image_classifier", "clip_classifier", "stored_typed", "constants", "functions", "branches", "steady_flow",
        "softmax_11",
        "forms_18",
    ]

    @Test(arguments: ["image_classifier", "functions", "stored_typed"])
    func `A file cut at any byte is read or refused`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let whole = try bytes(ofFile: Fixture.path(name))
        for count in 0..<whole.count { _ = read(Array(whole[..<count]), in: folder) }
    }

    @Test(arguments: files)
    func `A file with wrong bytes is read or refused`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let whole = try bytes(ofFile: Fixture.path(name))
        var random = SeededGenerator(seed: 17)
        for _ in 0..<400 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(
                    in: .min ... .max, using: &random)
            }
            guard let graph = read(damaged, in: folder) else { continue }
            graph.checkInvariants()
            guard (try? Verifier.verify(graph)) != nil else { continue }
            _ = try? ONNXFile.write(graph, to: folder.file("again.onnx"))
        }
    }

    private func read(_ bytes: [UInt8], in folder: TemporaryFolder) -> Graph? {
        guard let path = try? folder.write(bytes, to: "damaged.onnx") else { return nil }
        return try? ONNXFile.read(path).graph
    }
}
