public import BantamGraph
import FoundationEssentials
public import OrderedCollections

/// Named tensors in one file, in the safetensors format.
///
/// The file is eight bytes with the length of a JSON header, the header, and the tensors' bytes: no code, nothing to
/// execute. Reading maps the file; the tensors are views of it.
///
/// Every rule of the format is checked: offsets within the file, in order, without holes or overlaps, and of the size
/// that dtype and shape demand.
public struct SafeTensors: Sendable {
    public var tensors: OrderedDictionary<String, TensorData>
    /// Free text, stored in the header.
    public var metadata: [String: String]

    /// The largest header that is accepted: as in the format's reference implementation.
    static let headerLimit = 100_000_000

    public init(tensors: OrderedDictionary<String, TensorData> = [:], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// What the header says of one tensor.
    private struct Entry: Codable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    /// A value of the header: a tensor, or the metadata.
    private enum Item: Codable {
        case tensor(Entry)
        case metadata([String: String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let entry = try? container.decode(Entry.self) {
                self = .tensor(entry)
            } else {
                self = .metadata(try container.decode([String: String].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .tensor(let entry): try container.encode(entry)
            case .metadata(let texts): try container.encode(texts)
            }
        }
    }

    private static let names: [DType: String] = [
        .float64: "F64", .float32: "F32", .float16: "F16", .bfloat16: "BF16", .int64: "I64", .int32: "I32",
        .int16: "I16", .int8: "I8", .uint64: "U64", .uint32: "U32", .uint16: "U16", .uint8: "U8", .bool: "BOOL",
    ]

    private static let dtypes = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })
}

// MARK: - Reading

extension SafeTensors {
    /// - Throws: `invalidWeights`, naming the file and the broken rule.
    public static func read(_ path: String) throws(NetworkError) -> SafeTensors {
        let file: TensorStorage
        do {
            file = try MappedFile.open(path)
        } catch {
            throw .weightFile(error)
        }
        let header = try headerRange(of: file, path: path)
        let items: [String: Item]
        do {
            items = try JSONDecoder().decode([String: Item].self, from: Data(file.bytes[header]))
        } catch {
            throw .invalidWeights(path, "its header is not the JSON object the format demands")
        }
        var result = SafeTensors()
        var entries: [(name: String, entry: Entry)] = []
        for (name, item) in items {
            switch item {
            case .tensor(let entry): entries.append((name, entry))
            case .metadata(let texts) where name == "__metadata__": result.metadata = texts
            case .metadata: throw .invalidWeights(path, "the entry \(name) is no tensor")
            }
        }
        let available = file.byteCount - header.upperBound
        var start = 0
        entries.sort { $0.entry.data_offsets.lexicographicallyPrecedes($1.entry.data_offsets) }
        for (name, entry) in entries {
            guard let dtype = dtypes[entry.dtype] else {
                throw .invalidWeights(path, "the tensor \(name) has the unknown type \(entry.dtype)")
            }
            let byteCount = try byteCount(of: entry, dtype: dtype, name: name, path: path)
            guard byteCount <= available - start, entry.data_offsets == [start, start + byteCount] else {
                throw .invalidWeights(
                    path,
                    "the tensor \(name) lies at \(entry.data_offsets); \(byteCount) bytes from \(start) within "
                        + "\(available) were expected")
            }
            result.tensors[name] = TensorData(
                TensorType(dtype, Shape(entry.shape)), storage: file, byteOffset: header.upperBound + start
            ).withValidBooleans()
            start += byteCount
        }
        guard start == available else {
            throw .invalidWeights(path, "\(available - start) bytes belong to no tensor")
        }
        return result
    }

    private static func headerRange(of file: TensorStorage, path: String) throws(NetworkError) -> Range<Int> {
        guard file.byteCount >= 8 else { throw .invalidWeights(path, "it is too short") }
        let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
        guard length <= headerLimit, Int(length) <= file.byteCount - 8 else {
            throw .invalidWeights(path, "it names a header of \(length) bytes, which does not fit")
        }
        return 8..<8 + Int(length)
    }

    private static func byteCount(
        of entry: Entry, dtype: DType, name: String, path: String
    ) throws(NetworkError) -> Int {
        // Beside a dimension of 0 the others must be sane too: strides are made of them.
        var elements = 1
        for size in entry.shape {
            let (product, overflow) = elements.multipliedReportingOverflow(by: max(size, 1))
            guard size >= 0, !overflow else {
                throw .invalidWeights(path, "the tensor \(name) has the shape \(entry.shape)")
            }
            elements = product
        }
        if entry.shape.contains(0) { elements = 0 }
        guard let bytes = dtype.byteCount(of: elements) else {
            throw .invalidWeights(path, "the tensor \(name) has the shape \(entry.shape)")
        }
        return bytes
    }
}

// MARK: - Writing

extension SafeTensors {
    /// Writes the file as a whole or not at all.
    ///
    /// - Throws: `invalidWeights` with the reason.
    public func write(to path: String) throws(NetworkError) {
        var items: [String: Item] = metadata.isEmpty ? [:] : ["__metadata__": .metadata(metadata)]
        var offset = 0
        for (name, tensor) in tensors {
            guard let dtype = Self.names[tensor.dtype] else {
                throw .invalidWeights(path, "the format has no type for \(tensor.dtype.rawValue) (\(name))")
            }
            let end = offset + tensor.byteCount.bytes
            items[name] = .tensor(Entry(dtype: dtype, shape: tensor.shape.dimensions, data_offsets: [offset, end]))
            offset = end
        }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            var header = [UInt8](try encoder.encode(items))
            // Tensors start at a multiple of eight bytes.
            header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
            try AtomicFile.write(to: path) { (file) throws(GraphError) in
                try file.append(withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init))
                try file.append(header)
                for tensor in tensors.values {
                    try tensor.withUnsafeBytes { (bytes) throws(GraphError) in try file.append(bytes) }
                }
            }
        } catch {
            throw .weightFile(error)
        }
    }
}
