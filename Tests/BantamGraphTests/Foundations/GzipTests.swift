import BantamGraph
import BantamTestSupport
import Testing

@Suite struct GzipTests {
    /// Written by GNU gzip 1.12 from `bantam` and a line feed, with a name and a time in its header.
    private static let byGzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x08, 0x67, 0x8B, 0x01, 0x6B, 0x02, 0x03, 0x77, 0x6F, 0x72, 0x64, 0x00, 0x4B, 0x4A, 0xCC,
        0x2B, 0x49, 0xCC, 0xE5, 0x02, 0x00, 0x49, 0xFD, 0x21, 0xF9, 0x07, 0x00, 0x00, 0x00,
    ]

    private static let contents: [(name: String, bytes: [UInt8])] = {
        var random = SeededGenerator(seed: 5)
        let noise = (0..<300_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let sparse = (0..<300_000).map { $0 % 5 == 0 ? noise[$0] : 0 }
        return [
            ("nothing", []), ("one byte", [7]), ("zeros", [UInt8](repeating: 0, count: 3_000_000)), ("noise", noise),
            ("sparse", sparse),
        ]
    }()

    private func expanded(_ bytes: [UInt8], limit: Int = 1 << 24) throws(GraphError) -> [UInt8] {
        let file = bytes.withUnsafeBytes { TensorStorage(copying: $0) }
        let content = try Gzip.content(of: file, at: "model.onnx.gz", limit: ByteCount(limit))
        return withExtendedLifetime(content) { Array(content.bytes) }
    }

    private func code(_ bytes: [UInt8], limit: Int = 1 << 24) -> GraphErrorCode? {
        do throws(GraphError) {
            _ = try expanded(bytes, limit: limit)
            return nil
        } catch {
            return error.code
        }
    }

    /// What `AtomicFile` makes of the pieces.
    private func compressed(_ pieces: [[UInt8]], numbers: Set<Int> = []) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let size = try AtomicFile.write(to: folder.file("a.gz"), compressed: true) { (file) throws(GraphError) in
            for (index, piece) in pieces.enumerated() {
                let storage = piece.withUnsafeBytes { TensorStorage(copying: $0) }
                defer { withExtendedLifetime(storage) {} }
                if numbers.contains(index) {
                    try file.append(numbers: storage.bytes)
                } else {
                    try file.append(storage.bytes)
                }
            }
        }
        #expect(try folder.names() == ["a.gz"])
        let file = try MappedFile.open(folder.file("a.gz"))
        #expect(size == ByteCount(file.byteCount))
        return withExtendedLifetime(file) { Array(file.bytes) }
    }

    @Test(arguments: contents.indices) func `What is compressed expands to the same, in one piece or many`(
        _ index: Int
    ) throws {
        let (name, bytes) = Self.contents[index]
        let whole = try compressed([bytes])
        #expect(try expanded(whole) == bytes, "\(name)")
        let pieces = stride(from: 0, to: bytes.count, by: 70_001).map {
            Array(bytes[$0..<min($0 + 70_001, bytes.count)])
        }
        #expect(try compressed([[]] + pieces) == whole, "the same content gives the same bytes")
    }

    @Test func `Text and numbers in turns expand to the same`() throws {
        let all = Self.contents.map(\.bytes) + [Array(repeating: Array("a name ".utf8), count: 2000).flatMap(\.self)]
        let pieces = all + all.reversed()
        for numbers in [Set(0..<pieces.count), [1, 2, 4, 7], [0, 3, 5, 6, 8, 9]] {
            #expect(try expanded(compressed(pieces, numbers: numbers)) == pieces.flatMap(\.self))
        }
    }

    @Test func `Zeros take next to no room`() throws {
        let sizes = try Self.contents.map { try compressed([$0.bytes], numbers: [0]).count }
        #expect(sizes[2] < 3_000_000 / 900)
        #expect(sizes[3] < 300_000 + 300)
        // A fifth of the bytes are noise; telling where they are takes less than three bits for each other.
        #expect(sizes[4] < 300_000 / 5 * 2)
    }

    @Test func `Files of gzip's own are read, also several in one`() throws {
        let word = Array("bantam\n".utf8)
        #expect(try expanded(Self.byGzip) == word)
        #expect(try expanded(Self.byGzip + Self.byGzip + compressed([[1, 2, 3]])) == word + word + [1, 2, 3])
    }

    @Test func `What is not compressed is handed on as it is`() throws {
        for bytes in [[], [0x1F], [0x1F, 0x8C, 1], [8, 7, 18]] as [[UInt8]] { #expect(try expanded(bytes) == bytes) }
        let file = TensorStorage(zeroed: 10)
        #expect(try Gzip.content(of: file, at: "a", limit: .zero) === file)
    }

    @Test func `A file cut anywhere is damaged, and so is one that goes on`() throws {
        let file = try compressed([Array(Self.contents[4].bytes.prefix(500))])
        for count in 2..<file.count { #expect(code(Array(file[..<count])) == .damagedGzip, "\(count)") }
        #expect(code(file + [0]) == .damagedGzip && code(file + [0x1F, 0x8B]) == .damagedGzip)
        let error = #expect(throws: GraphError.self) { try expanded(Array(file.dropLast())) }
        #expect(
            error?.description
                == "model.onnx.gz: The gzipped file is damaged (it ends early); copy or download it again.")
    }

    @Test func `A wrong byte anywhere is noticed, but for those that say when and where the file was made`() throws {
        let bytes = Array(Self.contents[4].bytes.prefix(500))
        let file = try compressed([bytes])
        for index in 2..<file.count {
            var damaged = file
            damaged[index] ^= 0x55
            let outcome = Result { try expanded(damaged) }
            if (4...9).contains(index) {
                #expect((try? outcome.get()) == bytes, "\(index)")
            } else {
                #expect((outcome.failure as? GraphError)?.code == .damagedGzip, "\(index)")
            }
        }
        var wrongSum = file
        wrongSum[file.count - 8] ^= 1
        let error = #expect(throws: GraphError.self) { try expanded(wrongSum) }
        #expect(error?.message.contains("incorrect data check") == true)
    }

    @Test func `A small file that holds much ends at the limit, whatever it claims`() throws {
        let zeros = [UInt8](repeating: 0, count: 3_000_000)
        let bomb = try compressed([zeros])
        #expect(bomb.count < 4096)
        #expect(try expanded(bomb, limit: 3_000_000) == zeros)
        #expect(code(bomb, limit: 2_999_999) == .fileTooLarge && code(bomb, limit: 0) == .fileTooLarge)
        for claim in [0, 1, 0xFF] as [UInt8] {
            var liar = bomb
            for index in liar.count - 4..<liar.count { liar[index] = claim }
            #expect(code(liar, limit: 1000) == .fileTooLarge && code(liar) == .damagedGzip)
        }
        let error = #expect(throws: GraphError.self) { try expanded(bomb, limit: 1 << 20) }
        #expect(error?.message == "The gzipped file holds more than 1.0 MiB, the most that is expanded.")
    }
}

extension Result {
    fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
