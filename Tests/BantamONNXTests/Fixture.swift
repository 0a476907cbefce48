import BantamGraph
import BantamONNX
import BantamTestSupport
import Glibc
import Testing

/// The files that Scripts/golden/onnx_fixtures.py writes.
enum Fixture {
    static let folder = fixture("onnx")

    static func path(_ name: String) -> String { "\(folder)/\(name).onnx" }

    static func read(_ name: String) throws -> ONNXFile { try ONNXFile.read(path(name)) }
}

extension TemporaryFolder {
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        // A new file each time: a model that was read may still be a view into the old one.
        unlink(file(name))
        let stream = try #require(fopen(file(name), "w"))
        defer { fclose(stream) }
        try #require(fwrite(bytes, 1, bytes.count, stream) == bytes.count)
        return file(name)
    }
}

func bytes(ofFile path: String) throws -> [UInt8] {
    let file = try MappedFile.open(path)
    return withExtendedLifetime(file) { Array(file.bytes) }
}

extension Graph {
    /// The graph without ids, which depend on the order in which it was built.
    var contents: GraphContents {
        GraphContents(
            text: TextPrinter(showsTypes: false, showsCosts: false).text(of: self), inputs: inputs.map(\.dimensions),
            constants: Dictionary(uniqueKeysWithValues: constants.map { (self[$0.key].name, $0.value) }),
            metadata: Dictionary(uniqueKeysWithValues: metadata.map { ($0.key, $0.value) }))
    }

    func constant(named name: String) throws -> TensorData {
        let value = try #require(self.value(named: name))
        return try #require(constants[value])
    }

    func node(named name: String) throws -> Node {
        try #require(nodes.values.first { $0.name == name })
    }

    /// The operators' names, in order.
    var operatorNames: [String] { nodes.values.map(\.operatorName) }
}

struct GraphContents: Equatable {
    var text: String
    var inputs: [[InputDimension]]
    var constants: [String: TensorData]
    var metadata: [String: String]
}

/// The code of the error that `body` throws.
func code(of body: () throws(ONNXError) -> some Any) -> ONNXErrorCode? {
    do throws(ONNXError) {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}
