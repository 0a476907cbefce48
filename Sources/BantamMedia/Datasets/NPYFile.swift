public import BantamGraph

/// NumPy files: one array each, as `numpy.save` writes it.
///
/// Read are arrays of three axes, `[C, H, W]` or `[H, W, C]`, of unsigned bytes (`u1`) or little-endian float32
/// (`<f4`), in C order, in each version of the format (1.0, 2.0 and 3.0).
///
/// - Reference: *NEP 1: A Simple File Format for NumPy Arrays*, 2007.
public enum NPYFile {
    /// Reads a file, gzipped or not.
    ///
    /// - Throws: One code for each rule that a file can break: `badMagic`, `unsupportedVersion`, `truncatedFile`,
    ///   `invalidHeader`, `unsupportedElementType`, `unsupportedOrder`, `wrongDimensionCount`, `emptyDimension`,
    ///   `tooLarge`, `trailingBytes`, `nonFiniteValue`; or `cannotOpen` and `corruptGzip`.
    public static func read(_ path: String, limits: MediaLimits = .standard) throws(MediaError) -> TensorData {
        let content = try MediaContent.read(path, limit: limits.fileBytes)
        return try withExtendedLifetime(content) { () throws(MediaError) -> TensorData in
            try read(content.bytes, path: path, limits: limits)
        }
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, path: String, limits: MediaLimits
    ) throws(MediaError) -> TensorData {
        let magic: [UInt8] = [0x93] + "NUMPY".utf8
        guard bytes.prefix(magic.count).elementsEqual(magic) else { throw .noNPYFile(path) }
        guard bytes.count >= 8 else { throw .truncatedFile(expected: 10, found: bytes.count, in: path) }
        // The length of the header has two bytes in the first version and four in the others.
        let lengthBytes = bytes[6] == 1 ? 2 : 4
        guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
            throw .unsupportedNPYVersion(bytes[6], bytes[7], in: path)
        }
        let headerStart = 8 + lengthBytes
        guard bytes.count >= headerStart else {
            throw .truncatedFile(expected: headerStart, found: bytes.count, in: path)
        }
        let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
        // A header of three entries has some hundred characters.
        guard length <= 1 << 16 else {
            throw .invalidNPYHeader("it claims to be \(length) bytes long", in: path)
        }
        let start = headerStart + length
        guard bytes.count >= start else { throw .truncatedFile(expected: start, found: bytes.count, in: path) }
        let header = try NPYHeader(String(decoding: bytes[headerStart..<start], as: UTF8.self), path: path)
        return try array(header, bytes, start: start, path: path, limits: limits)
    }

    private static func array(
        _ header: NPYHeader, _ bytes: UnsafeRawBufferPointer, start: Int, path: String, limits: MediaLimits
    ) throws(MediaError) -> TensorData {
        let dtype: DType
        switch header.elementType {
        case "|u1", "<u1", ">u1", "=u1", "u1": dtype = .uint8
        case "<f4": dtype = .float32
        default: throw .unsupportedNPYElement(header.elementType, in: path)
        }
        guard !header.isFortranOrder else { throw .unsupportedNPYOrder(in: path) }
        guard header.shape.count == 3 else { throw .wrongNPYDimensionCount(header.shape, in: path) }
        guard header.shape.allSatisfy({ $0 > 0 }) else { throw .emptyNPYDimension(header.shape, in: path) }
        var byteCount = dtype == .uint8 ? 1 : 4
        for dimension in header.shape {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: dimension)
            guard !overflow, product <= limits.fileBytes.bytes - start, dimension <= limits.dimension else {
                throw .arrayTooLarge(header.shape, limits, in: path)
            }
            byteCount = product
        }
        let expected = start + byteCount
        guard bytes.count >= expected else { throw .truncatedFile(expected: expected, found: bytes.count, in: path) }
        guard bytes.count == expected else { throw .trailingBytes(expected: expected, found: bytes.count, in: path) }
        let tensor = TensorData(
            TensorType(dtype, Shape(header.shape)),
            storage: TensorStorage(copying: UnsafeRawBufferPointer(rebasing: bytes[start..<expected])))
        if dtype == .float32, let place = tensor.elements(of: Float.self).firstIndex(where: { !$0.isFinite }) {
            throw .nonFiniteValue(at: place, byte: start + 4 * place, in: path)
        }
        return tensor
    }
}

/// What a NumPy file says of its array: a dictionary in Python's notation.
private struct NPYHeader {
    private(set) var elementType = ""
    private(set) var isFortranOrder = false
    private(set) var shape: [Int] = []

    /// - Throws: `invalidHeader` for anything but a dictionary of exactly `descr`, `fortran_order` and `shape`.
    init(_ text: String, path: String) throws(MediaError) {
        var scanner = Scanner(rest: text[...], path: path)
        var found: Set<String> = []
        try scanner.expect("{")
        while !scanner.take("}") {
            let key = try scanner.string()
            guard found.insert(key).inserted else { throw .invalidNPYHeader("it has \"\(key)\" twice", in: path) }
            try scanner.expect(":")
            switch key {
            case "descr": elementType = try scanner.string()
            case "fortran_order": isFortranOrder = try scanner.truth()
            case "shape": shape = try scanner.tuple()
            default: throw .invalidNPYHeader("it has the unknown key \"\(key.prefix(20))\"", in: path)
            }
            if !scanner.take(",") {
                try scanner.expect("}")
                break
            }
        }
        guard found.count == 3 else {
            throw .invalidNPYHeader("it has only \(found.isEmpty ? "no keys" : "\(found.sorted())")", in: path)
        }
        guard scanner.isAtEnd else { throw .invalidNPYHeader("something follows the dictionary", in: path) }
    }

    private struct Scanner {
        var rest: Substring
        let path: String

        var isAtEnd: Bool { rest.allSatisfy(\.isWhitespace) }

        mutating func take(_ token: String) -> Bool {
            rest = rest.drop { $0.isWhitespace }
            guard rest.hasPrefix(token) else { return false }
            rest = rest.dropFirst(token.count)
            return true
        }

        mutating func expect(_ token: String) throws(MediaError) {
            guard take(token) else {
                throw .invalidNPYHeader("\"\(token)\" is missing before \"\(rest.prefix(12))\"", in: path)
            }
        }

        mutating func string() throws(MediaError) -> String {
            let quote = take("'") ? "'" : "\""
            if quote == "\"" { try expect(quote) }
            guard let end = rest.firstIndex(of: Character(quote)) else {
                throw .invalidNPYHeader("a text has no end", in: path)
            }
            defer { rest = rest[rest.index(after: end)...] }
            return String(rest[..<end])
        }

        mutating func truth() throws(MediaError) -> Bool {
            if take("True") { return true }
            try expect("False")
            return false
        }

        mutating func tuple() throws(MediaError) -> [Int] {
            try expect("(")
            var numbers: [Int] = []
            while !take(")") {
                rest = rest.drop { $0.isWhitespace }
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                guard let number = Int(digits) else {
                    throw .invalidNPYHeader("its shape is no list of numbers at \"\(rest.prefix(24))\"", in: path)
                }
                numbers.append(number)
                rest = rest.dropFirst(digits.count)
                if !take(",") {
                    try expect(")")
                    break
                }
            }
            return numbers
        }
    }
}
