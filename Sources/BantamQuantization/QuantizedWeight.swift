/// A constant that is stored as integers.
public struct QuantizedWeight: Hashable, Sendable, Codable {
    /// The constant's name.
    public var value: String
    public var parameters: QuantizationParameters
}
