import BantamGraph

/// The table of contents of a zip file whose entries are stored as they are, as `torch.save` writes it.
///
/// Nothing is ever unpacked: an entry is a range of the file. So what a bomb would blow up stays as small as it is;
/// compressed entries are refused when something asks for them.
///
/// - Reference: PKWARE, *.ZIP File Format Specification* 6.3.10.
struct ZipArchive {
    private struct Entry {
        var header: Int
        var byteCount: Int
        var isStored: Bool
    }

    private let bytes: UnsafeRawBufferPointer
    private var entries: [String: Entry] = [:]
    /// The folder that every entry lies in, with its slash; PyTorch names it after the file.
    let folder: String

    static func matches(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.starts(with: [0x50, 0x4B, 3, 4]) }

    /// - Throws: `invalidWeights`: a table that is not there or reaches out of the file, two entries of one name, more
    ///   than one folder.
    init(_ bytes: UnsafeRawBufferPointer) throws(NetworkError) {
        self.bytes = bytes
        let directory = try Self.directory(of: bytes)
        var reader = ByteReader(bytes, at: directory.start)
        var folder: Substring?
        for _ in 0..<directory.count {
            let start = reader.position
            let (name, entry) = try Self.entry(&reader)
            guard let slash = name.firstIndex(of: "/") else {
                throw .damagedWeights("its entry \(name) lies in no folder, as PyTorch's do", at: start)
            }
            guard folder == nil || folder == name[...slash] else {
                throw .damagedWeights("its entries lie in more than one folder", at: start)
            }
            folder = name[...slash]
            guard entries.updateValue(entry, forKey: String(name[name.index(after: slash)...])) == nil else {
                throw .damagedWeights("it has two entries \(name)", at: start)
            }
        }
        self.folder = String(folder ?? "")
        try requireSeparateEntries()
    }

    func contains(_ name: String) -> Bool { entries[name] != nil }

    /// Where the contents of an entry stand in the file.
    ///
    /// - Throws: `invalidWeights` when there is no such entry, it is compressed, or reaches beyond the file.
    func range(of name: String) throws(NetworkError) -> Range<Int> {
        guard let entry = entries[name] else { throw .damagedWeights("it has no entry \(name)") }
        guard entry.isStored else {
            throw .damagedWeights("its entry \(name) is compressed, which PyTorch never does", at: entry.header)
        }
        var reader = ByteReader(bytes, at: entry.header)
        guard try reader.integer(UInt32.self) == 0x0403_4B50 else {
            throw .damagedWeights("its entry \(name) does not start where the table says", at: entry.header)
        }
        try reader.skip(22)
        let nameLength = try reader.integer(UInt16.self)
        let extraLength = try reader.integer(UInt16.self)
        try reader.skip(Int(nameLength) + Int(extraLength))
        return try reader.skip(entry.byteCount)
    }

    /// Files that hold more than their bytes do so by entries within each other.
    private func requireSeparateEntries() throws(NetworkError) {
        var end = 0
        for (name, entry) in entries.sorted(by: { $0.value.header < $1.value.header }) where entry.isStored {
            guard entry.header >= end else {
                throw .damagedWeights("its entry \(name) overlaps another", at: entry.header)
            }
            end = try range(of: name).upperBound
        }
    }
}

// MARK: - The table

extension ZipArchive {
    /// Where the table starts and how many entries it has: from the record at the end of the file.
    private static func directory(of bytes: UnsafeRawBufferPointer) throws(NetworkError) -> (start: Int, count: Int) {
        // Behind the record there may be a comment of up to 65,535 bytes.
        let first = max(0, bytes.count - 22 - 0xFFFF)
        for start in stride(from: bytes.count - 22, through: first, by: -1) {
            var reader = ByteReader(bytes, at: start)
            guard try reader.integer(UInt32.self) == 0x0605_4B50 else { continue }
            try reader.skip(6)
            let count = try reader.integer(UInt16.self)
            try reader.skip(4)
            let directory = try reader.integer(UInt32.self)
            let isLarge = count == .max || directory == .max
            let found = isLarge ? try largeDirectory(of: bytes, before: start) : (Int(directory), Int(count))
            // An entry takes 46 bytes and its name.
            guard found.0 <= start, found.1 <= (start - found.0) / 46 else {
                throw .damagedWeights("its table names \(found.1) entries, for which it has no room", at: start)
            }
            return found
        }
        throw .damagedWeights("its table of contents is missing; the file may have been cut off")
    }

    /// The record of an archive over 4 GiB or of more than 65,534 entries.
    private static func largeDirectory(
        of bytes: UnsafeRawBufferPointer, before end: Int
    ) throws(NetworkError) -> (Int, Int) {
        var locator = ByteReader(bytes, at: end - 20)
        guard try locator.integer(UInt32.self) == 0x0706_4B50 else {
            throw .damagedWeights("the place of its large table is missing", at: end)
        }
        try locator.skip(4)
        let place = try locator.integer(UInt64.self)
        var reader = ByteReader(bytes, at: Int(clamping: place))
        guard try reader.integer(UInt32.self) == 0x0606_4B50 else {
            throw .damagedWeights("its large table is not where it is said to be", at: Int(clamping: place))
        }
        try reader.skip(28)
        let count = try reader.integer(UInt64.self)
        try reader.skip(8)
        let directory = try reader.integer(UInt64.self)
        return (Int(clamping: directory), Int(clamping: count))
    }

    private static func entry(_ reader: inout ByteReader) throws(NetworkError) -> (name: String, Entry) {
        let start = reader.position
        guard try reader.integer(UInt32.self) == 0x0201_4B50 else {
            throw .damagedWeights("its table of contents has something else than an entry", at: start)
        }
        try reader.skip(4)
        let flags = try reader.integer(UInt16.self)
        let method = try reader.integer(UInt16.self)
        try reader.skip(8)
        var sizes = [UInt64(try reader.integer(UInt32.self)), UInt64(try reader.integer(UInt32.self))]
        let nameLength = try reader.integer(UInt16.self)
        let extraLength = try reader.integer(UInt16.self)
        let commentLength = try reader.integer(UInt16.self)
        try reader.skip(8)
        sizes.append(UInt64(try reader.integer(UInt32.self)))
        let name = String(decoding: reader.bytes[try reader.skip(nameLength)], as: UTF8.self)
        let extra = try reader.skip(extraLength)
        try reader.skip(commentLength)
        // In this order: contents, as stored, place.
        sizes.swapAt(0, 1)
        try readLargeSizes(&sizes, UnsafeRawBufferPointer(rebasing: reader.bytes[extra]))
        let isEncrypted = flags & 1 != 0
        let entry = Entry(
            header: Int(clamping: sizes[2]), byteCount: Int(clamping: sizes[0]),
            isStored: method == 0 && !isEncrypted && sizes[0] == sizes[1])
        return (name, entry)
    }

    /// Replaces those sizes that did not fit 32 bits by those of the extra field 1.
    private static func readLargeSizes(_ sizes: inout [UInt64], _ extra: UnsafeRawBufferPointer) throws(NetworkError) {
        guard sizes.contains(UInt64(UInt32.max)) else { return }
        var reader = ByteReader(extra)
        while reader.position + 4 <= extra.count {
            let kind = try reader.integer(UInt16.self)
            let range = try reader.skip(try reader.integer(UInt16.self))
            guard kind == 1 else { continue }
            var large = ByteReader(UnsafeRawBufferPointer(rebasing: extra[range]))
            for index in sizes.indices where sizes[index] == UInt64(UInt32.max) {
                sizes[index] = try large.integer(UInt64.self)
            }
        }
    }
}
