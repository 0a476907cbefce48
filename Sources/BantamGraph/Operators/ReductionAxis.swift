/// An axis of a weight along which products are summed, such as the input channels of a convolution.
public struct ReductionAxis: Hashable, Sendable {
    public var axis: Int
    /// How many products one sum has along the axis. In a grouped operator the axis may hold several such stretches.
    public var length: Int

    public init(axis: Int, length: Int) {
        self.axis = axis
        self.length = length
    }

    /// The whole of an axis.
    init(_ axis: Int, of shape: Shape) {
        self.init(axis: axis, length: shape[axis])
    }
}

/// Finds the axis that each weight of a graph is summed over.
public struct ReductionAxes {
    private let graph: Graph
    private let types: ShapeInference
    private let readers: [ValueID: [(node: Node, slot: Int)]]

    /// Why a weight has no such axis: a clause for people.
    public struct Obstacle: Error, Hashable, Sendable {
        public var reason: String

        public init(reason: String) {
            self.reason = reason
        }
    }

    /// Operators that hand on each element of their first input in its place.
    private static let unpackingOperators: Set<String> = ["Cast", "DequantizeLinear", "Identity", "QuantizeLinear"]

    /// - Throws: what ``ShapeInference`` throws.
    /// - Complexity: O(edges).
    public init(of graph: Graph) throws(GraphError) {
        self.graph = graph
        types = try ShapeInference(of: graph)
        var readers: [ValueID: [(node: Node, slot: Int)]] = [:]
        for node in graph.nodes.values {
            for (slot, input) in node.inputs.enumerated() {
                if let input { readers[input, default: []].append((node, slot)) }
            }
        }
        self.readers = readers
    }

    /// The axis of a weight, the same for all that read it, also through nodes that only unpack it.
    public func axis(of weight: ValueID) -> Result<ReductionAxis, Obstacle> {
        var found: ReductionAxis?
        for (node, slot) in readers[weight, default: []] {
            let axis: ReductionAxis
            if slot == 0, Self.unpackingOperators.contains(node.operatorName), let output = node.outputs.first ?? nil {
                switch self.axis(of: output) {
                case .success(let unpacked): axis = unpacked
                case .failure(let obstacle): return .failure(obstacle)
                }
            } else {
                let definition = Operators.definition(named: node.operatorName, domain: node.domain)
                guard let own = definition?.reductionAxis(ofWeight: slot, of: types.context(of: node)) else {
                    return .failure(Obstacle(reason: "\(node.label) does not sum over one of its axes"))
                }
                axis = own
            }
            guard found ?? axis == axis else {
                return .failure(Obstacle(reason: "the nodes that read it sum over different axes"))
            }
            found = axis
        }
        guard let found else { return .failure(Obstacle(reason: "nothing reads it")) }
        return .success(found)
    }
}
