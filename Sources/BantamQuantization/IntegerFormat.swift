public import BantamGraph

/// The integers that stand for an activation.
public struct ActivationFormat: Hashable, Sendable, Codable {
    /// `uint8` or `int8`.
    public var dtype: DType
    /// Whether zero is always stored as 0. Otherwise the zero point moves to make use of all integers.
    public var isSymmetric: Bool

    public static let asymmetricUInt8 = ActivationFormat(dtype: .uint8, isSymmetric: false)
    public static let asymmetricInt8 = ActivationFormat(dtype: .int8, isSymmetric: false)
    public static let symmetricInt8 = ActivationFormat(dtype: .int8, isSymmetric: true)

    /// - Precondition: the type is 8 bits wide, and signed where it is symmetric.
    public init(dtype: DType, isSymmetric: Bool) {
        precondition(dtype == .int8 || (dtype == .uint8 && !isSymmetric), "activations in \(dtype.rawValue)")
        self.dtype = dtype
        self.isSymmetric = isSymmetric
    }

    /// The integers of the type.
    var limits: ClosedRange<Int> { dtype == .uint8 ? 0...255 : -128...127 }
}

/// The integers that stand for a weight: int8, symmetric about zero, so that a pruned weight stays exactly zero.
public struct WeightFormat: Hashable, Sendable, Codable {
    /// How many bits of the int8 are used: 7 where products are summed in 16 bits.
    public var bits: Int
    /// Whether each output channel has a scale of its own.
    public var isPerChannel: Bool

    public static let int8 = WeightFormat(bits: 8)

    /// - Precondition: `bits` is between 2 and 8.
    public init(bits: Int, isPerChannel: Bool = true) {
        precondition((2...8).contains(bits), "weights of \(bits) bits in int8")
        self.bits = bits
        self.isPerChannel = isPerChannel
    }

    /// The largest integer in use: 127 for 8 bits. -128 is left out, so that the range is symmetric.
    public var largest: Int { 1 << (bits - 1) - 1 }
}
