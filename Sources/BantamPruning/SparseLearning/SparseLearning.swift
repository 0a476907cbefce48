package import BantamModel

/// A training before channels are removed, in which a penalty drives them towards zero.
public struct SparseLearning: Codable, Hashable, Sendable {
    /// The name of a ``SparsityRegularizer``.
    public var regularizer: String
    /// More than the epochs of fine-tuning.
    public var epochs: Int
    /// Of the penalty; `nil` for the regularizer's usual one.
    public var strength: Double?

    public init(_ regularizer: String, epochs: Int = 5, strength: Double? = nil) {
        self.regularizer = regularizer
        self.epochs = epochs
        self.strength = strength
    }

    /// - Throws: `unknownName`, `invalidTarget`.
    package func made() throws(CompressionError) -> any SparsityRegularizer {
        let regularizer = try SparsityRegularizers.named(regularizer)
        let strength = strength ?? regularizer.usualStrength
        guard strength > 0, strength.isFinite else { throw .invalidStrength(strength) }
        guard epochs > 0 else { throw .invalidSparseEpochs(epochs) }
        return regularizer.init(strength: strength)
    }
}
