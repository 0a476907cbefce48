import BantamGraph

/// Which channels of a model could be removed, and what stands in the way of the others.
struct PruningExplanation: Encodable {
    struct Group: Encodable {
        /// The first layer that makes the channels.
        var layer: String
        var channels: Int
        /// Weights that hold the channels.
        var weights: [String]
        /// Why none may go; `nil` when they may.
        var obstacle: String?
    }

    var groups: [Group]

    init(of graph: Graph, _ attention: AttentionChannels) throws {
        groups = try ChannelGroups(of: graph, attention: attention).groups.map { group in
            let weights = group.members.filter { $0.part != .activation && $0.role == .weight }
            var names: [String] = []
            for member in weights where !names.contains(graph[member.value].name) {
                names.append(graph[member.value].name)
            }
            return Group(
                layer: group.label, channels: group.channelCount, weights: names, obstacle: group.obstacle)
        }
    }

    var text: String {
        let free = groups.filter { $0.obstacle == nil }
        let bound = groups.filter { $0.obstacle != nil }
        var lines = ["\(free.count) groups of channels can be pruned:"]
        for group in free {
            let others = group.weights.count - 1
            lines.append(
                "  \(group.layer): \(group.channels) channels"
                    + (others > 0 ? ", shared with \(others) other weight\(others == 1 ? "" : "s")" : ""))
        }
        if !bound.isEmpty { lines.append("\(bound.count) cannot:") }
        for group in bound { lines.append("  \(group.layer): \(group.channels) channels: \(group.obstacle ?? "")") }
        return lines.joined(separator: "\n")
    }
}
