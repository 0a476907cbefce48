import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

/// One file for each rule, broken.
@Suite struct MalformedPyTorchFileTests {
    /// A file and the words that its error must contain.
    struct Case: Sendable, CustomTestStringConvertible {
        var rule: String
        var bytes: [UInt8]
        var words: String
        var code = NetworkErrorCode.invalidWeights

        var testDescription: String { rule }

        init(_ rule: String, _ bytes: [UInt8], _ words: String, _ code: NetworkErrorCode = .invalidWeights) {
            (self.rule, self.bytes, self.words, self.code) = (rule, bytes, words, code)
        }

        /// An archive whose pickle is made of `parts`.
        init(_ rule: String, pickle parts: [UInt8]..., words: String, code: NetworkErrorCode = .invalidWeights) {
            self.init(rule, TorchBytes.archive(TorchBytes.pickle(parts.flatMap { $0 })), words, code)
        }

        /// An archive with one tensor of six floats.
        init(
            _ rule: String, storage: [UInt8] = TorchBytes.storage(count: 6), shape: [Int] = [6], strides: [Int] = [1],
            offset: Int = 0, words: String
        ) {
            let tensor = TorchBytes.tensor(storage, shape: shape, strides: strides, offset: offset)
            self.init(rule, pickle: TorchBytes.dictionary([("w", tensor)]), words: words)
        }
    }

    private static func code(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let tensor = TorchBytes.tensor(TorchBytes.storage(count: 6), shape: [6], strides: [1])

    static let globals: [Case] = [
        ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "exec"), ("builtins", "getattr"),
        ("subprocess", "Popen"), ("torch", "load"), ("torch", "nn.Module"), ("torch.storage", "_load_from_bytes"),
        ("torch._utils", "_rebuild_tensor_v9"), ("numpy.core.multiarray", "scalar"), ("__main__", "Net"),
        ("collections", "namedtuple"), ("", ""),
    ].map { module, name in
        let call = TorchBytes.global(module, name) + TorchBytes.tuple([TorchBytes.text("echo")]) + code("R")
        return Case(
            "\(module).\(name)", pickle: TorchBytes.dictionary([("w", call)]), words: "\(module).\(name)",
            code: .forbiddenGlobal)
    }

    static let pickles: [Case] = [
        Case(
            "A global by its stacked name", pickle: [0x8C, 2] + code("os") + [0x8C, 6] + code("system") + [0x93],
            words: "os.system", code: .forbiddenGlobal),
        Case("A global named by numbers", pickle: code("K\u{1}K\u{2}") + [0x93], words: "is no text"),
        Case("A global without an end", pickle: code("cos"), words: "has no end"),
        Case("INST", pickle: code("(ios\nsystem\n"), words: "unknown instruction 105"),
        Case("EXT1", pickle: [0x82, 1], words: "unknown instruction 130"),
        Case("A byte that is no instruction", pickle: [0xFF], words: "unknown instruction 255"),
        Case("Protocol 9", TorchBytes.archive([0x80, 9, 0x4E, 0x2E]), "protocol 9"),
        Case("No end", TorchBytes.archive([0x80, 2, 0x4E]), "ends within"),
        Case("Nothing on the stack", pickle: [], words: "is not there"),
        Case("More taken than there is", pickle: code("N00"), words: "is not there"),
        Case("Values from below a mark", pickle: code("N(R"), words: "is not there"),
        Case("A group without a start", pickle: code("Nt"), words: "no start"),
        Case("Text longer than the file", pickle: code("X") + [0xFF, 0xFF, 0xFF, 0xFF], words: "ends within"),
        Case("Text of 2^64 - 1 bytes", pickle: [0x8D] + [UInt8](repeating: 0xFF, count: 8), words: "ends within"),
        Case("An integer of 2^32 - 1 bytes", pickle: [0x8B, 0xFF, 0xFF, 0xFF, 0xFF], words: "ends within"),
        Case("Something recalled that was never remembered", pickle: code("h\u{5}"), words: "recalls number 5 of 0"),
        Case("A far-off place to remember", pickle: code("Nr") + [0xFF, 0xFF, 0xFF, 0x7F], words: "remembers number"),
        Case("A mark in a mark, 5000 deep", pickle: [UInt8](repeating: 0x28, count: 5000), words: "1000 deep"),
        Case("A million instructions", pickle: [UInt8](repeating: 0x4E, count: 1_000_001), words: "1000000 instr"),
        Case("A key without a value", pickle: code("}(Nu"), words: "key without a value"),
        Case("An entry of a number", pickle: code("K\u{1}(NNu"), words: "adds to what is no"),
        Case("A list's entry in a dictionary", pickle: code("}Na"), words: "adds to what is no"),
        Case("A call of a number", pickle: code("K\u{1})R"), words: "no known function"),
        Case("A call of a type", pickle: TorchBytes.global("torch", "FloatStorage") + code(")R"), words: "no function"),
        Case(
            "A call without a tuple", pickle: TorchBytes.global("collections", "OrderedDict") + code("NR"),
            words: "no known function"),
        Case(
            "A parameter of nothing", pickle: TorchBytes.global("torch._utils", "_rebuild_parameter") + code(")R"),
            words: "without a tensor"),
        Case("A persistent number", pickle: code("K\u{1}Q"), words: "no tensor storage"),
        Case(
            "A persistent module", pickle: TorchBytes.tuple([TorchBytes.text("module")]) + code("Q"),
            words: "no tensor storage"),
        Case("No dictionary", pickle: code("N"), words: "no named tensors"),
        Case("A tensor alone", pickle: tensor, words: "no named tensors"),
        Case("A dictionary that holds itself", pickle: code("}q\u{0}X\u{1}\0\0\0ah\u{0}s"), words: "no named tensors"),
        Case(
            "Wrappers that hold each other",
            pickle: code("}q\u{0}}q\u{1}") + TorchBytes.text("model") + code("h\u{0}s0")
                + TorchBytes.text("state_dict") + code("h\u{1}s"), words: "no named tensors"),
        Case(
            "A name beyond reason", pickle: TorchBytes.dictionary([(String(repeating: "w", count: 600), tensor)]),
            words: "name is too long"),
    ]

    static let tensors: [Case] = [
        Case("A shape beyond the storage", shape: [7], words: "does not fit"),
        Case("An offset beyond the storage", offset: 1, words: "does not fit"),
        Case("A negative offset", offset: -1, words: "does not fit"),
        Case("The largest offset", offset: .max, words: "does not fit"),
        Case("A negative size", shape: [-6], words: "does not fit"),
        Case("A negative stride", strides: [-1], words: "does not fit"),
        Case("Strides beyond the storage", shape: [2, 3], strides: [4, 1], words: "does not fit"),
        Case("Strides that overflow", shape: [2, 2], strides: [.max, .max], words: "does not fit"),
        Case("Sizes that overflow", shape: [.max, .max], strides: [0, 0], words: "does not fit"),
        Case("An empty shape of vast axes", shape: [0, .max, .max], strides: [1, 1, 1], words: "does not fit"),
        Case("One element as a million", shape: [1_000_000], strides: [0], words: "does not fit"),
        Case("More sizes than strides", shape: [2, 3], strides: [1], words: "not described"),
        Case(
            "Seventeen axes", shape: [Int](repeating: 1, count: 17), strides: [Int](repeating: 1, count: 17),
            words: "not described"),
        Case("A storage larger than its bytes", storage: TorchBytes.storage(count: 7), words: "24 bytes where 7"),
        Case("A storage smaller than its bytes", storage: TorchBytes.storage(count: 5), words: "24 bytes where 5"),
        Case("A storage of -1 elements", storage: TorchBytes.storage(count: -1), words: "-1 elements"),
        Case("A storage that is missing", storage: TorchBytes.storage(key: "1", count: 6), words: "no entry data/1"),
        Case("A storage outside of its folder", storage: TorchBytes.storage(key: "../x", count: 6), words: "no entry"),
        Case("Another storage type", storage: TorchBytes.storage("DoubleStorage", count: 6), words: "8 bytes were"),
        Case(
            "A type without a counterpart", storage: TorchBytes.storage("ComplexFloatStorage", count: 3), shape: [3],
            words: "complex64"),
        Case("A tensor of nothing", storage: TorchBytes.none, words: "not described"),
    ]

    static let archives: [Case] = [
        Case("An empty file", [], "neither PyTorch's"),
        Case("Text", code("hello, I am no model"), "neither PyTorch's"),
        Case("A zip's first bytes alone", code("PK\u{3}\u{4}"), "table of contents is missing"),
        Case("An archive without a pickle", TorchBytes.zip([.init("a/data/0", [1])]), "no entry data.pkl"),
        Case("An archive without a folder", TorchBytes.zip([.init("data.pkl", [1])]), "no folder"),
        Case("Two folders", TorchBytes.zip([.init("a/data.pkl", [1]), .init("b/x", [])]), "more than one folder"),
        Case("Two entries of a name", TorchBytes.zip([.init("a/x", [1]), .init("a/x", [2])]), "two entries"),
        Case(
            "A compressed pickle that unpacks to 4 GB",
            TorchBytes.zip([.init("a/data.pkl", [0x4B, 4, 0], method: 8, unpackedCount: .max - 1)]), "is compressed"),
        Case(
            "A stored entry of another size than its contents",
            TorchBytes.zip([.init("a/data.pkl", [0x4E, 0x2E], unpackedCount: 4_000_000_000)]), "is compressed"),
        Case(
            "Entries that overlap",
            TorchBytes.zip([.init("a/data.pkl", [0x4E, 0x2E]), .init("a/data/0", [1], place: 2)]), "overlaps"),
        Case(
            "An entry beyond the file", TorchBytes.zip([.init("a/data.pkl", [0x2E], place: 100_000)]), "ends within"),
        Case(
            "An entry in the middle of another", TorchBytes.zip([.init("a/data.pkl", [0x2E], place: 3)]),
            "does not start where"),
        Case("More entries than there is room for", TorchBytes.zip([.init("a/x", [])], count: 9000), "no room"),
        Case("A table beyond the file", TorchBytes.zip([.init("a/x", [])], directory: 5_000_000), "no room"),
        Case("A table of something else", TorchBytes.zip([.init("a/x", [])], directory: 4), "something else"),
        Case("A large table that is missing", TorchBytes.zip([.init("a/x", [])], count: .max), "large table"),
        Case(
            "Big-endian numbers",
            TorchBytes.zip([.init("a/data.pkl", [0x4E, 0x2E]), .init("a/byteorder", code("big"))]), "little-endian"),
        Case(
            "A TorchScript program",
            TorchBytes.zip([.init("a/data.pkl", [0x4E, 0x2E]), .init("a/constants.pkl", [])]), "TorchScript program"),
    ]

    private static let floats = [UInt8](repeating: 0, count: 24)

    private static func legacy(
        version: Int = 1001, littleEndian: Bool = true, _ storages: [(key: String, count: Int, bytes: [UInt8])]
    ) -> [UInt8] {
        TorchBytes.legacy(
            TorchBytes.pickle(TorchBytes.dictionary([("w", tensor)])), version: version, littleEndian: littleEndian,
            storages: storages)
    }

    static let legacyFiles: [Case] = [
        Case("The magic number alone", TorchBytes.magic + [UInt8](repeating: 0x4E, count: 20), "ends within"),
        Case("Another version", legacy(version: 1002, []), "another version than 1001"),
        Case("Big-endian numbers", legacy(littleEndian: false, []), "little-endian"),
        Case("No storage", legacy([]), "storage 0 is missing"),
        Case("A storage that nothing refers to", legacy([("7", 6, floats)]), "which no tensor"),
        Case("A storage twice", legacy([("0", 6, floats), ("0", 6, floats)]), "or another refers to"),
        Case("A storage cut off", legacy([("0", 6, Array(floats.dropLast()))]), "ends within"),
        Case("A storage of -1 elements", legacy([("0", -1, floats)]), "ends within"),
        Case("A storage whose size overflows", legacy([("0", .max / 2, floats)]), "elements"),
        Case("A storage of other size than the tensor's", legacy([("0", 5, floats)]), "20 bytes where 6"),
    ]

    @Test(arguments: globals + pickles + tensors + archives + legacyFiles)
    func `A broken rule is named, with the file`(_ sample: Case) throws {
        let folder = try TemporaryFolder()
        let path = try BrokenWeights.write(sample.bytes, in: folder)
        let error = #expect(throws: NetworkError.self) { try WeightFile.read(path) }
        #expect(error?.code == sample.code)
        #expect(error?.location?.file == path)
        #expect(error?.message.contains(sample.words) == true, "\(error?.message ?? "")")
    }

    @Test func `The files that these were made from are read`() throws {
        let folder = try TemporaryFolder()
        let pickle = TorchBytes.pickle(TorchBytes.dictionary([("w", Self.tensor)]))
        for bytes in [TorchBytes.archive(pickle), Self.legacy([("0", 6, Self.floats)])] {
            let file = try WeightFile.read(try BrokenWeights.write(bytes, in: folder))
            #expect(file.tensors == ["w": TensorData(zeros: TensorType(.float32, [6]))])
        }
    }

    @Test func `An error names the byte of the file`() throws {
        let folder = try TemporaryFolder()
        let bytes = TorchBytes.archive([0x80, 2, 0x4E, 0xFF, 0x2E])
        let error = #expect(throws: NetworkError.self) {
            try WeightFile.read(try BrokenWeights.write(bytes, in: folder))
        }
        // The entry's header has 30 bytes, its name 10.
        #expect(error?.location?.byteOffset == 30 + 10 + 3)
    }
}
