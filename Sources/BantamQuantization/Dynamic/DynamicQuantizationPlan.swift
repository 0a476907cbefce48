/// What ``DynamicQuantization`` will do to a graph.
public struct DynamicQuantizationPlan: Hashable, Sendable, Codable {
    /// A layer that will compute on integers.
    public struct Layer: Hashable, Sendable, Codable {
        /// The name of the node's first output, which identifies the node.
        public var output: String
        public var weight: QuantizedWeight
    }

    public var layers: [Layer]
    /// One entry a node, in the graph's order.
    public var nodes: [NodePlacement]

    /// How much is computed in integers, and which layers are not: a sentence each.
    public var notes: [String] { nodes.notes }

    /// The nodes that stay in floating point, with reasons.
    public var floatNodes: [NodePlacement] { nodes.filter { $0.placement == .float } }
}
