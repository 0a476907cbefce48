/// How small a model is to become, in the quantity that matters to its user.
public struct PruningTarget: Codable, Hashable, Sendable {
    public enum Quantity: String, Codable, Hashable, Sendable, CaseIterable {
        /// Multiply-accumulates of one sample.
        case macs
        case parameters
        /// Bytes of the exported file.
        case fileSize
        /// Milliseconds for one sample, measured on this machine by the edge runtime.
        case latency
    }

    public enum Limit: Codable, Hashable, Sendable {
        /// Of what the model has, 0...1.
        case fraction(Double)
        /// In the quantity's unit.
        case amount(Double)

        // The names that people read and write in JSON.
        package enum FractionCodingKeys: String, CodingKey { case _0 = "of" }
        package enum AmountCodingKeys: String, CodingKey { case _0 = "most" }
    }

    public var quantity: Quantity
    public var limit: Limit

    public init(_ quantity: Quantity, _ limit: Limit) {
        self.quantity = quantity
        self.limit = limit
    }

    /// A fraction of the MACs, 0...1.
    public static func macs(_ fraction: Double) -> PruningTarget { PruningTarget(.macs, .fraction(fraction)) }

    /// What a model with `amount` of the quantity may have.
    ///
    /// - Throws: `invalidTarget`.
    package func most(of amount: Double) throws(CompressionError) -> Double {
        switch limit {
        case .fraction(let fraction):
            guard fraction > 0, fraction <= 1 else { throw .invalidFraction(fraction, of: quantity) }
            return quantity.isCount ? (amount * fraction).rounded(.down) : amount * fraction
        case .amount(let most):
            guard most > 0, most.isFinite else { throw .invalidAmount(most, of: quantity) }
            return most
        }
    }
}

extension PruningTarget.Quantity {
    /// Whether only whole numbers of it make sense.
    fileprivate var isCount: Bool { self != .latency }

    /// As in "the model has 12 of them".
    package var noun: String {
        switch self {
        case .macs: "MACs"
        case .parameters: "parameters"
        case .fileSize: "bytes"
        case .latency: "ms of latency"
        }
    }
}
