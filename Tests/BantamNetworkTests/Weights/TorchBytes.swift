/// The bytes of PyTorch's files, put together by hand, so that each can break one rule.
enum TorchBytes {
    // MARK: Pickles

    static func pickle(_ parts: [UInt8]...) -> [UInt8] { [0x80, 2] + parts.flatMap { $0 } + [UInt8(ascii: ".")] }

    static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

    static func text(_ text: String) -> [UInt8] { [UInt8(ascii: "X")] + little(UInt32(text.utf8.count)) + text.utf8 }

    static func integer(_ number: Int) -> [UInt8] { [0x8A, 8] + little(UInt64(bitPattern: Int64(number))) }

    static func tuple(_ items: [[UInt8]]) -> [UInt8] { Array("(".utf8) + items.flatMap { $0 } + Array("t".utf8) }

    static func integers(_ numbers: [Int]) -> [UInt8] { tuple(numbers.map(integer)) }

    static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
        Array("}(".utf8) + items.flatMap { text($0.0) + $0.1 } + Array("u".utf8)
    }

    static let none: [UInt8] = [UInt8(ascii: "N")]
    static let no: [UInt8] = [0x89]

    static func storage(_ type: String = "FloatStorage", key: String = "0", count: Int) -> [UInt8] {
        tuple([text("storage"), global("torch", type), text(key), text("cpu"), integer(count)]) + Array("Q".utf8)
    }

    /// A call of `_rebuild_tensor_v2`.
    static func tensor(
        _ storage: [UInt8], shape: [Int], strides: [Int], offset: Int = 0, more: [[UInt8]] = []
    ) -> [UInt8] {
        global("torch._utils", "_rebuild_tensor_v2")
            + tuple([storage, integer(offset), integers(shape), integers(strides), no, none] + more)
            + Array("R".utf8)
    }

    // MARK: Archives

    struct Entry {
        var name: String
        var bytes: [UInt8]
        var method: UInt16 = 0
        var unpackedCount: UInt32?
        /// Where the table says the entry is; by default where it is.
        var place: UInt32?

        init(
            _ name: String, _ bytes: [UInt8], method: UInt16 = 0, unpackedCount: UInt32? = nil, place: UInt32? = nil
        ) {
            (self.name, self.bytes, self.method) = (name, bytes, method)
            (self.unpackedCount, self.place) = (unpackedCount, place)
        }
    }

    static func zip(_ entries: [Entry], count: UInt16? = nil, directory: UInt32? = nil) -> [UInt8] {
        var file: [UInt8] = []
        var table: [UInt8] = []
        for entry in entries {
            let sizes = little(UInt32(entry.bytes.count)) + little(entry.unpackedCount ?? UInt32(entry.bytes.count))
            let common = little(UInt16(0)) + little(entry.method) + little(UInt64(0)) + sizes
            let name = Array(entry.name.utf8)
            table += little(UInt32(0x0201_4B50)) + little(UInt16(20)) + little(UInt16(20)) + common
            table += little(UInt16(name.count)) + little(UInt32(0)) + little(UInt64(0))
            table += little(entry.place ?? UInt32(file.count)) + name
            file += little(UInt32(0x0403_4B50)) + little(UInt16(20)) + common
            file += little(UInt16(name.count)) + little(UInt16(0)) + name + entry.bytes
        }
        let start = directory ?? UInt32(file.count)
        let number = count ?? UInt16(entries.count)
        file += table + little(UInt32(0x0605_4B50)) + little(UInt32(0)) + little(number) + little(number)
        return file + little(UInt32(table.count)) + little(start) + little(UInt16(0))
    }

    /// An archive as PyTorch writes it, of a pickle and one storage.
    static func archive(_ pickle: [UInt8], storage: [UInt8] = [UInt8](repeating: 0, count: 24)) -> [UInt8] {
        zip([Entry("a/data.pkl", pickle), Entry("a/byteorder", Array("little".utf8)), Entry("a/data/0", storage)])
    }

    // MARK: The legacy format

    static let magic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]

    /// - Parameter storages: Each storage's key, the count of elements that is written, and its bytes.
    static func legacy(
        _ object: [UInt8], version: Int = 1001, littleEndian: Bool = true,
        storages: [(key: String, count: Int, bytes: [UInt8])]
    ) -> [UInt8] {
        let machine = dictionary([("little_endian", [littleEndian ? 0x88 : 0x89])])
        let keys = Array("](".utf8) + storages.flatMap { text($0.key) } + Array("e".utf8)
        return magic + pickle(integer(version)) + pickle(machine) + object + pickle(keys)
            + storages.flatMap { little(UInt64(bitPattern: Int64($0.count))) + $0.bytes }
    }

    static func little(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian, Array.init)
    }
}
