public import OrderedCollections

/// What a model costs to store and to run, as a whole and node by node.
///
/// ```swift
/// let cost = try CostAnalysis(of: graph)
/// print(cost.total.parameters, cost.total.macs, cost.total.weightBytes)
/// ```
///
/// A constant counts once, at the first node that computes with it. Numbers follow PyTorch's conventions: running
/// statistics are no parameters, and one multiply-accumulate is one MAC.
public struct CostAnalysis: Sendable {
    public let total: CostSummary
    /// In the graph's order.
    public let nodes: OrderedDictionary<NodeID, CostSummary>

    /// - Parameter sizes: The sizes of free dimensions, by name. Those not named are 1, so that a batch is one
    ///   sample.
    /// - Throws: the first violation found by ``ShapeInference``.
    /// - Complexity: O(nodes + edges).
    public init(of graph: Graph, sizes: [String: Int] = [:]) throws(GraphError) {
        try self.init(of: graph, types: ShapeInference(of: graph, sizes: sizes))
    }

    /// - Parameter types: The types of the graph's values at the sizes to count for.
    public init(of graph: Graph, types: ShapeInference) throws(GraphError) {
        var nodes: OrderedDictionary<NodeID, CostSummary> = [:]
        nodes.reserveCapacity(graph.nodes.count)
        for node in graph.nodes.values {
            let cost = try Operators.definition(of: node).cost(of: types.context(of: node))
            nodes[node.id] = CostSummary(macs: cost.macs, elementwise: cost.elementwise)
        }
        let uses = graph.constantUses()
        let learned = Set(graph.learnedConstants(uses))
        var unread = CostSummary()
        for (value, data) in graph.constants {
            let cost = CostSummary(
                parameters: learned.contains(value) ? data.elementCount : 0, weightBytes: data.byteCount)
            if let reader = uses[value]?.reader { nodes[reader]? += cost } else { unread += cost }
        }
        self.nodes = nodes
        total = nodes.values.reduce(into: unread) { $0 += $1 }
    }
}

/// The cost of a model, or of a part of it.
public struct CostSummary: Hashable, Sendable, Codable {
    /// Learned numbers, in whatever type they are stored.
    public var parameters: Int
    /// Multiply-accumulate operations of convolutions and matrix products, on integers or not.
    public var macs: Int
    /// Results of all other operators.
    public var elementwise: Int
    /// Memory for all constants: parameters, statistics, quantization scales and settings.
    public var weightBytes: ByteCount

    public init(parameters: Int = 0, macs: Int = 0, elementwise: Int = 0, weightBytes: ByteCount = .zero) {
        self.parameters = parameters
        self.macs = macs
        self.elementwise = elementwise
        self.weightBytes = weightBytes
    }

    public static func += (left: inout CostSummary, right: CostSummary) {
        left.parameters += right.parameters
        left.macs += right.macs
        left.elementwise += right.elementwise
        left.weightBytes += right.weightBytes
    }
}
