package import BantamGraph

/// Which channels compete with each other.
public enum RankingScope: String, Codable, Hashable, Sendable, CaseIterable {
    /// All of the model's.
    case global
    /// Those of one group: every group loses the same fraction.
    case local
    /// Those of groups with the same structure, since scores of unlike layers can hardly be compared. Each kind of
    /// group loses the same fraction.
    ///
    /// Fang et al., *Isomorphic Pruning for Vision Models*, ECCV 2024.
    case isomorphic

    /// Groups with equal contests compete.
    package func contest(of group: ChannelGroup, at index: Int, in graph: Graph) -> String {
        switch self {
        case .global: ""
        case .local: "\(index)"
        case .isomorphic: group.structure(in: graph)
        }
    }
}

extension ChannelGroup {
    /// What the group is made of, without names and sizes: the operators, which of their inputs, and along which axis.
    fileprivate func structure(in graph: Graph) -> String {
        var parts: [String] = []
        for member in members where member.part != .activation {
            guard let id = member.node, let node = graph.nodes[id], let data = graph.constants[member.value] else {
                continue
            }
            let slot = node.inputs.firstIndex { $0 == member.value } ?? 0
            // Convolutions of another kernel do another thing; their channels may be as many as they like.
            let kernel = node.operatorName.hasPrefix("Conv") ? "\(data.shape.dimensions.dropFirst(2))" : ""
            parts.append("\(node.operatorName).\(slot).\(member.axis)\(kernel)")
        }
        return parts.sorted().joined(separator: " ")
    }
}
