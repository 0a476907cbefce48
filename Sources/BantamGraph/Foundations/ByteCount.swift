/// A quantity of memory or storage.
public struct ByteCount: Hashable, Comparable, Sendable, Codable {
    public var bytes: Int

    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    public static func mebibytes(_ count: Double) -> ByteCount {
        ByteCount(Int(count * 1_048_576))
    }

    public static let zero = ByteCount(0)

    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
    public static func + (left: ByteCount, right: ByteCount) -> ByteCount { ByteCount(left.bytes + right.bytes) }
    public static func - (left: ByteCount, right: ByteCount) -> ByteCount { ByteCount(left.bytes - right.bytes) }
    public static func += (left: inout ByteCount, right: ByteCount) { left = left + right }

    public init(from decoder: any Decoder) throws {
        bytes = try decoder.singleValueContainer().decode(Int.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}

extension ByteCount: CustomStringConvertible {
    /// For people: `"87.3 KiB"`, `"1.20 GiB"`.
    public var description: String {
        var value = Double(bytes)
        var unit = "B"
        for larger in ["KiB", "MiB", "GiB", "TiB"] where abs(value) >= 1024 {
            value /= 1024
            unit = larger
        }
        guard unit != "B" else { return "\(bytes) B" }
        let scale = abs(value) >= 100 ? 1.0 : abs(value) >= 10 ? 10 : 100
        return "\((value * scale).rounded() / scale) \(unit)"
    }
}
