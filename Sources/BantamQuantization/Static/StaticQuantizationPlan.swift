public import BantamModel

/// What ``StaticQuantization`` will do to a graph.
///
/// Values and nodes go by name, so that the plan can be kept in a record and read by people.
public struct StaticQuantizationPlan: Hashable, Sendable, Codable {
    /// An activation that is rounded to integers where it is made.
    public struct Activation: Hashable, Sendable, Codable {
        public var value: String
        /// The range that the integers cover; shared by activations of one scale.
        public var range: ActivationRange
        public var parameters: QuantizationParameters
    }

    /// A bias that is stored as int32. It belongs to a node, because its scale contains that of the node's input.
    public struct Bias: Hashable, Sendable, Codable {
        public var value: String
        /// The first output of the node that adds it.
        public var nodeOutput: String
        public var slot: Int
        public var parameters: QuantizationParameters
    }

    /// The target profile's name.
    public var profile: String
    public var activations: [Activation] = []
    public var weights: [QuantizedWeight] = []
    public var biases: [Bias] = []
    /// One entry a node, in the graph's order.
    public var nodes: [NodePlacement] = []

    /// The parameters of each weight, by its name.
    var weightParameters: [String: QuantizationParameters] {
        Dictionary(weights.map { ($0.value, $0.parameters) }, uniquingKeysWith: { first, _ in first })
    }

    /// How much is computed in integers, and which layers are not: a sentence each.
    public var notes: [String] { nodes.notes }

    /// The nodes that stay in floating point, with reasons.
    public var floatNodes: [NodePlacement] { nodes.filter { $0.placement == .float } }
}
