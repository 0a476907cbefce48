/// Where the outputs of a node are zero, given where its inputs are: f(0) = 0.
///
/// A sum over channels may lose those that are zero, which is what pruning makes of a channel. Behind an operator that
/// turns zeros into another number it may not: a softmax that is written out, `exp(x) / sum(exp(x))`, would change
/// for all others.
///
/// The statement holds for each element, or each slice along an axis that ``Operator/channelFlow(of:)`` links: where
/// the named inputs are zero there, so are all outputs, whatever the other inputs hold.
public enum ZeroPreservation: Hashable, Sendable {
    /// Zeros become other numbers, or it is not known what becomes of them.
    case never
    /// Where all inputs in these slots are zero. A slot that is not filled counts as zero.
    case whereAll([Int])
    /// Where one of the inputs in these slots is zero, as in a product.
    case whereAny([Int])
}
