import BantamGraph
import BantamNetwork
import BantamTestSupport
import FoundationEssentials
import Testing

/// One file for each rule of the format, broken.
@Suite struct MalformedSafeTensorsTests {
    /// A file and the words that its error must contain.
    struct Case: Sendable, CustomTestStringConvertible {
        var rule: String
        var bytes: [UInt8]
        var words: String

        var testDescription: String { rule }

        /// The length of the header is that of `header`.
        init(_ rule: String, header: String, body: Int = 0, words: String) {
            self.init(rule, bytes: Self.file(header, length: UInt64(header.utf8.count), body: body), words: words)
        }

        init(_ rule: String, bytes: [UInt8], words: String) {
            (self.rule, self.bytes, self.words) = (rule, bytes, words)
        }

        static func file(_ header: String, length: UInt64, body: Int = 0) -> [UInt8] {
            withUnsafeBytes(of: length.littleEndian, Array.init) + Array(header.utf8)
                + [UInt8](repeating: 0, count: body)
        }
    }

    private static func tensor(
        _ dtype: String = "F32", _ shape: String = "[2]", _ offsets: String = "[0,8]"
    ) -> String {
        #"{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }

    static let cases: [Case] = [
        Case("An empty file", bytes: [], words: "too short"),
        Case("A length cut short", bytes: [2, 0, 0], words: "too short"),
        Case("A header beyond the file", bytes: Case.file("{}", length: 3), words: "does not fit"),
        Case("A header of 2^64 - 1 bytes", bytes: Case.file("{}", length: .max), words: "does not fit"),
        Case("A header over the limit", bytes: Case.file("{}", length: 100_000_001), words: "does not fit"),
        Case("No JSON", header: "{x", words: "JSON"),
        Case("An array for a header", header: "[]", words: "JSON"),
        Case("Bytes that are not UTF-8", bytes: Case.file("", length: 2) + [0xFF, 0xFE], words: "JSON"),
        Case("Nested beyond reason", header: String(repeating: "[", count: 100_000), words: "JSON"),
        Case("A tensor without a type", header: #"{"x":{"shape":[2],"data_offsets":[0,8]}}"#, body: 8, words: "JSON"),
        Case("A tensor without offsets", header: #"{"x":{"shape":[2],"dtype":"F32"}}"#, body: 8, words: "JSON"),
        Case("Text in place of a tensor", header: #"{"x":{"a":"b"}}"#, words: "x is no tensor"),
        Case("Metadata that is not text", header: #"{"__metadata__":{"a":1}}"#, words: "JSON"),
        Case("An unknown type", header: #"{"x":\#(tensor("F4"))}"#, body: 8, words: "unknown type F4"),
        Case("A negative dimension", header: #"{"x":\#(tensor("F32", "[-2]"))}"#, body: 8, words: "shape [-2]"),
        Case("A fractional dimension", header: #"{"x":\#(tensor("F32", "[2.5]"))}"#, body: 8, words: "JSON"),
        Case(
            "A shape whose size overflows", header: #"{"x":\#(tensor("F32", "[4294967296,4294967296]"))}"#, body: 8,
            words: "shape"),
        Case(
            "A shape whose bytes overflow", header: #"{"x":\#(tensor("F64", "[2305843009213693952]"))}"#, body: 8,
            words: "shape"),
        Case(
            "An empty shape of vast axes", header: #"{"x":\#(tensor("F32", "[0,4294967296,4294967296]", "[0,0]"))}"#,
            words: "shape"),
        Case(
            "A size unlike the shape's", header: #"{"x":\#(tensor("F32", "[3]"))}"#, body: 8, words: "12 bytes from 0"),
        Case("One offset", header: #"{"x":\#(tensor("F32", "[2]", "[0]"))}"#, body: 8, words: "lies at [0]"),
        Case("No offset", header: #"{"x":\#(tensor("F32", "[2]", "[]"))}"#, body: 8, words: "lies at []"),
        Case("Three offsets", header: #"{"x":\#(tensor("F32", "[2]", "[0,8,8]"))}"#, body: 8, words: "[0, 8, 8]"),
        Case("Offsets in reverse", header: #"{"x":\#(tensor("F32", "[2]", "[8,0]"))}"#, body: 8, words: "[8, 0]"),
        Case(
            "Offsets at the ends of the integers",
            header: #"{"a":\#(tensor()),"x":\#(tensor("F32", "[2]", "[8,-9223372036854775808]"))}"#, body: 16,
            words: "x lies at"),
        Case("A tensor beyond the file", header: #"{"x":\#(tensor())}"#, body: 4, words: "within 4"),
        Case(
            "A hole between tensors", header: #"{"a":\#(tensor()),"x":\#(tensor("F32", "[1]", "[12,16]"))}"#, body: 16,
            words: "4 bytes from 8"),
        Case(
            "Tensors that overlap", header: #"{"a":\#(tensor()),"x":\#(tensor("F32", "[2]", "[4,12]"))}"#, body: 12,
            words: "8 bytes from 8"),
        Case("Bytes behind the last tensor", header: #"{"x":\#(tensor())}"#, body: 11, words: "3 bytes belong to no"),
    ]

    @Test(arguments: cases) func `A broken rule is named, with the file`(_ sample: Case) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("bad.safetensors")
        try write(sample.bytes[...], to: path)
        let error = #expect(throws: NetworkError.self) { try SafeTensors.read(path) }
        #expect(error?.code == .invalidWeights)
        #expect(error?.location?.file == path)
        #expect(error?.message.contains(sample.words) == true, "\(error?.message ?? "")")
    }

    @Test func `A file cut off at any byte is refused`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("whole.safetensors")
        try SafeTensors(
            tensors: ["a": TensorData([3], [1, 2, 3] as [Float]), "b": TensorData([2, 2], [1, 2, 3, 4] as [Int8])],
            metadata: ["k": "v"]
        ).write(to: path)
        let bytes = try read(path)
        for count in 0..<bytes.count {
            try write(bytes[..<count], to: path)
            #expect(throws: NetworkError.self, "\(count) bytes") { try SafeTensors.read(path) }
        }
    }

    @Test func `A file with any one byte changed is read or refused, and never ends the process`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("whole.safetensors")
        try SafeTensors(tensors: ["a": TensorData([3], [1, 2, 3] as [Float])]).write(to: path)
        let bytes = try read(path)
        for position in bytes.indices {
            for value in [0, UInt8(ascii: "9"), UInt8(ascii: "-"), 0xFF] {
                var changed = bytes
                changed[position] = value
                try write(changed[...], to: path)
                _ = try? SafeTensors.read(path).tensors.values.map(\.byteCount)
            }
        }
    }

    @Test func `A missing file and a folder are refused with the system's reason`() throws {
        let folder = try TemporaryFolder()
        let missing = #expect(throws: NetworkError.self) { try SafeTensors.read(folder.file("none")) }
        #expect(missing?.description.contains("No such file") == true)
        #expect(throws: NetworkError.self) { try SafeTensors.read(folder.path) }
    }

    private func read(_ path: String) throws -> [UInt8] {
        let file = try MappedFile.open(path)
        return withExtendedLifetime(file) { Array(file.bytes) }
    }

    private func write(_ bytes: ArraySlice<UInt8>, to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
