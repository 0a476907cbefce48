public import BantamModel
public import BantamTensor

/// Drives channels towards zero while a model trains, so that little is lost when they are removed.
///
/// The penalty of a channel is a function of its norm: that of all weights that make, carry or read it, in every layer
/// of its group. To add one, write a file beside this one and a line in ``SparsityRegularizers``; the conformance
/// suite then tests it.
public protocol SparsityRegularizer: Sendable {
    /// As given to `bantam prune --sparse-learning`.
    static var name: String { get }

    /// The strength where none is given.
    static var usualStrength: Double { get }

    /// Whether only the channels are penalized that the criterion would remove now; otherwise all of them are.
    static var penalizesChosenChannels: Bool { get }

    /// - Parameter strength: By which the penalty is multiplied.
    init(strength: Double)

    /// The penalty of each channel, `[channels]`.
    ///
    /// - Parameters:
    ///   - norms: Of each channel's weights, `[channels]`, not negative.
    ///   - sizes: How many weights each channel has, `[channels]`, of the type of `norms`.
    ///   - progress: The share of the training that is done, 0...1.
    func penalties(norms: Tensor, sizes: Tensor, progress: Double) throws(TorchError) -> Tensor

    /// What a channel's weights are multiplied by to give the penalty's gradient: its derivative by the norm, divided by
    /// the norm. `[channels]`, finite also where a norm is 0.
    func factors(norms: Tensor, sizes: Tensor, progress: Double) throws(TorchError) -> Tensor
}

/// Every regularizer. A new one is one file in this folder and one line here.
public enum SparsityRegularizers {
    public static let all: [any SparsityRegularizer.Type] = [
        GroupLasso.self,
        GrowingRegularization.self,
    ]

    /// The regularizer of this name.
    ///
    /// - Throws: `unknownName`, with the names there are.
    public static func named(_ name: String) throws(CompressionError) -> any SparsityRegularizer.Type {
        guard let regularizer = all.first(where: { $0.name == name }) else {
            throw .unknown("sparse learning", name, known: all.map { $0.name })
        }
        return regularizer
    }
}
