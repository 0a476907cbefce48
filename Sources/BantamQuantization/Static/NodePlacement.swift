import BantamModel

/// Where a plan lets a node compute.
public struct NodePlacement: Hashable, Sendable, Codable {
    public enum Placement: String, Sendable, Codable {
        /// On integers.
        case integer
        /// As the last step of the integer kernel before it.
        case fused
        /// On whatever integers it is given: it only moves or selects them.
        case transparent
        case float
    }

    /// The node's name and operator, for people.
    public var node: String
    /// The name of the node's first output, which identifies the node.
    public var output: String
    public var placement: Placement
    /// Why the node stays in floating point: a clause, in that case only.
    public var reason: String?
    /// The multiply-accumulates of one sample.
    public var macs: Int

    public init(node: String, output: String, placement: Placement, reason: String? = nil, macs: Int = 0) {
        self.node = node
        self.output = output
        self.placement = placement
        self.reason = reason
        self.macs = macs
    }

    /// A sentence for a report; `nil` for nodes that do not stay in floating point.
    public var explanation: String? {
        reason.map { "\(node) stays in floating point: \($0)." }
    }
}

extension [NodePlacement] {
    /// How much is computed in integers, and which layers are not: a sentence each.
    var notes: [String] {
        let layers = filter { $0.macs > 0 }
        let total = layers.reduce(0) { $0 + $1.macs }
        let integer = layers.lazy.filter { $0.placement == .integer }.reduce(0) { $0 + $1.macs }
        let count = layers.count { $0.placement == .integer }
        let share = CompressionError.number(Double(integer) / Double(Swift.max(total, 1)) * 100)
        return ["\(count) of \(layers.count) layers compute in INT8, with \(share) % of the MACs."]
            + layers.explanations
    }

    /// Why layers stay in floating point: a sentence for each, or for all that have one reason where they are many.
    private var explanations: [String] {
        var alike: [String: [NodePlacement]] = [:]
        for node in self { if let reason = node.reason { alike[reason, default: []].append(node) } }
        return compactMap { node in
            guard let reason = node.reason, let others = alike[reason], others.count > Self.namedAlone else {
                return node.explanation
            }
            guard node.output == others[0].output else { return nil }
            return "\(others.count) layers stay in floating point, \(node.node), \(others[1].node) and "
                + "\(others.count - 2) more: \(reason)."
        }
    }

    private static let namedAlone = 3
}
