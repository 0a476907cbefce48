public import BantamGraph
public import OrderedCollections

/// The named tensors in a file of `torch.save`: `.pth`, `.pt` or `.th`.
///
/// Both formats are read, the zip archive that PyTorch writes since 1.6 and the older sequence of pickles. Nothing in
/// the file is executed, and a file that wants anything but tensors imported is refused. The file is mapped, and tensors
/// are views of it where they lie in row-major order.
///
/// A training's state is searched for the network's part, under keys such as `state_dict` or `model`.
public struct PyTorchFile: Sendable {
    public var tensors: OrderedDictionary<String, TensorData>
    /// The keys under which the tensors were found: `["state_dict"]`; empty when they lie at the top.
    public var path: [String]

    /// - Throws: `invalidWeights`, naming the file, the place in it and the broken rule; `forbiddenGlobal` for a file
    ///   that refers to anything but tensors.
    /// - Complexity: O(tensors), and O(elements) of those that are not in row-major order.
    public static func read(_ path: String) throws(NetworkError) -> PyTorchFile {
        let file: TensorStorage
        do { file = try MappedFile.open(path) } catch { throw .weightFile(error) }
        do throws(NetworkError) {
            return try PyTorchFile(file)
        } catch {
            throw error.located(inFile: path)
        }
    }

    init(_ file: TensorStorage) throws(NetworkError) {
        // Pickles see bytes only, which does not keep them mapped.
        defer { withExtendedLifetime(file) {} }
        let (pickle, storages) =
            if ZipArchive.matches(file.bytes) {
                try Self.archive(file.bytes)
            } else if Self.isLegacy(file.bytes) {
                try Self.legacy(file.bytes)
            } else {
                throw NetworkError.unknownWeightFormat()
            }
        let dictionary = try StateDictionary(of: pickle)
        var reader = TorchTensors(file: file, pickle: pickle, storages: storages)
        path = dictionary.path
        tensors = [:]
        for (name, arguments) in dictionary.entries {
            tensors[name] = try reader.tensor(named: name, arguments: arguments)
        }
    }

    // MARK: The zip format

    private static func archive(_ bytes: UnsafeRawBufferPointer) throws(NetworkError) -> (Pickle, StorageTable) {
        let archive = try ZipArchive(bytes)
        if archive.contains("constants.pkl") { throw .programArchive() }
        if archive.contains("byteorder") {
            guard bytes[try archive.range(of: "byteorder")].elementsEqual("little".utf8) else {
                throw .damagedWeights("its numbers are not little-endian")
            }
        }
        let pickle = try PickleReader.read(bytes, in: try archive.range(of: "data.pkl"))
        return (pickle, .zip(archive))
    }

    // MARK: The legacy format

    /// The integer 0x1950a86a20f9469cfc6c.
    private static let magicNumber: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    private static let protocolVersion = 1001

    /// Whether it starts with a pickle of the magic number: PROTO, maybe FRAME, LONG1 of ten bytes.
    static func isLegacy(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count > 24, bytes[0] == PickleOpcode.proto.rawValue else { return false }
        let start = bytes[2] == PickleOpcode.frame.rawValue ? 11 : 2
        return bytes[start...].starts(with: [PickleOpcode.long1.rawValue, 10] + magicNumber)
    }

    /// Five pickles (magic number, version, facts of the machine, the object, the storages' keys), and the storages:
    /// the count of elements, and the elements.
    private static func legacy(_ bytes: UnsafeRawBufferPointer) throws(NetworkError) -> (Pickle, StorageTable) {
        var end = try PickleReader.read(bytes, in: 0..<bytes.count).end
        func next() throws(NetworkError) -> Pickle {
            let pickle = try PickleReader.read(bytes, in: end..<bytes.count)
            end += pickle.end
            return pickle
        }
        guard case .integer(protocolVersion) = try next().root else {
            throw .damagedWeights("it has another version than \(protocolVersion) of PyTorch's old format")
        }
        let machine = try next()
        try requireLittleEndian(machine)
        let object = try next()
        let keys = try next()
        return (object, .legacy(try ranges(keys, widths: widths(of: object), bytes, from: end)))
    }

    private static func requireLittleEndian(_ machine: Pickle) throws(NetworkError) {
        let facts = machine.items(of: machine.root, .dictionary) ?? []
        for index in stride(from: 0, to: facts.count, by: 2) {
            if case .text(let key) = facts[index], machine.equals(key, "little_endian"),
                case .flag(false) = facts[index + 1]
            {
                throw .damagedWeights("its numbers are not little-endian")
            }
        }
    }

    /// Bytes of an element, by storage.
    private static func widths(of pickle: Pickle) throws(NetworkError) -> [String: Int] {
        var widths: [String: Int] = [:]
        for storage in pickle.storages where storage.key.count <= 100 {
            let key = pickle.text(storage.key)
            guard widths.updateValue(storage.type.width, forKey: key) ?? storage.type.width == storage.type.width else {
                throw .damagedWeights("the storage \(key) is said to be of two types")
            }
        }
        return widths
    }

    private static func ranges(
        _ keys: Pickle, widths: [String: Int], _ bytes: UnsafeRawBufferPointer, from start: Int
    ) throws(NetworkError) -> [String: Range<Int>] {
        var reader = ByteReader(bytes, at: start)
        var ranges: [String: Range<Int>] = [:]
        for item in keys.items(of: keys.root, .list) ?? [] {
            guard case .text(let span) = item, span.count <= 100 else {
                throw .damagedWeights("a storage's key is no short text", at: start)
            }
            let key = keys.text(span)
            guard let width = widths[key], ranges[key] == nil else {
                throw .damagedWeights(
                    "its list of storages has \(key), which no tensor or another refers to", at: start)
            }
            let count = try reader.integer(Int64.self)
            let (byteCount, overflow) = Int(count).multipliedReportingOverflow(by: width)
            guard !overflow else {
                throw .damagedWeights("the storage \(key) has \(count) elements", at: reader.position - 8)
            }
            ranges[key] = try reader.skip(byteCount)
        }
        return ranges
    }
}
