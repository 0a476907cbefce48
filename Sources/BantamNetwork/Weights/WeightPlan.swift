public import BantamGraph

/// Which tensors of a weight file fill which weights of a network, and what is left over on either side.
public struct WeightPlan: Hashable, Sendable, Codable {
    /// A weight whose tensor has another shape, or holds integers.
    public struct Mismatch: Hashable, Sendable, Codable {
        public var name: String
        public var file: TensorType
        public var network: TensorType
    }

    /// Weights that the file fills, in the network's order.
    public var loaded: [String] = []
    /// Of those, how many were converted to the network's type, by the type in the file.
    public var converted: [String: Int] = [:]
    /// Weights that the file does not have.
    public var missing: [String] = []
    public var mismatched: [Mismatch] = []
    /// Tensors that the network has no place for. Counters that only PyTorch's training reads are not listed.
    public var unused: [String] = []
    /// The classifier's weights that keep their own values: the file has none, or those of other classes.
    public var reinitialized: [String] = []
    /// What the file has in front of the network's names: `module.`
    public var prefix = ""

    /// Whether nothing stands in the way of a network that works: all is loaded, but for a classifier of other classes.
    public var isComplete: Bool { missing.isEmpty && mismatched.isEmpty && unused.isEmpty }

    /// All weights that keep the values they have: those of ``reinitialized``, ``missing`` and ``mismatched``.
    public var unloaded: [String] { reinitialized + missing + mismatched.map(\.name) }
}
