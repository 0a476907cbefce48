public import BantamGraph

/// Removes whole channels, so that the model becomes smaller and faster on any hardware.
///
/// The channels of all groups compete: each group's scores are divided by their mean, and the lowest go first, until
/// the target is met. What is left is an ordinary, smaller model.
public enum StructuredPruning {
    /// How much is removed, and by which measure.
    public struct Configuration: Codable, Hashable, Sendable {
        /// The fraction of the MACs to keep, 0...1.
        public var remainingMACs: Double
        /// The name of an ``ImportanceCriterion``.
        public var criterion: String
        /// The number of channels that stay is a multiple of this where a group is large enough: vector units work
        /// on 8 or 16 channels at once.
        public var channelMultiple: Int
        /// No group loses more than this fraction of its channels, 0...1.
        public var largestCut: Double

        public init(
            remainingMACs: Double, criterion: String = L1Norm.name, channelMultiple: Int = 1, largestCut: Double = 0.9
        ) {
            self.remainingMACs = remainingMACs
            self.criterion = criterion
            self.channelMultiple = channelMultiple
            self.largestCut = largestCut
        }
    }

    /// Which channels go.
    public struct Plan: Codable, Hashable, Sendable {
        public var macsBefore: Int
        public var macsAfter: Int
        public var groups: [Group]
        /// Groups that were left alone, and why.
        public var obstacles: [String]

        public struct Group: Codable, Hashable, Sendable {
            /// The group's position among those found in the graph.
            public var index: Int
            /// The first layer that makes the channels.
            public var label: String
            public var channels: Int
            /// Ascending.
            public var removed: [Int]
        }
    }

    /// Chooses the channels to remove.
    ///
    /// - Throws: `invalidTarget` when the target or the largest cut is out of range, `unreachableTarget` with what can be reached,
    ///   `nothingToCompress` with the obstacles, `notFinite`.
    /// - Complexity: O(log(channels)) removals from the graph.
    public static func plan(for graph: Graph, _ configuration: Configuration) throws(CompressionError) -> Plan {
        guard configuration.remainingMACs > 0, configuration.remainingMACs <= 1 else {
            throw .invalidMACs(configuration.remainingMACs)
        }
        guard (0...1).contains(configuration.largestCut) else { throw .invalidCut(configuration.largestCut) }
        let criterion = try ImportanceCriteria.named(configuration.criterion)
        let groups = try groups(of: graph)
        let candidates = try ranking(groups, in: graph, by: criterion, configuration)
        let obstacles = groups.compactMap { group in
            obstacle(of: group, configuration).map { "\(group.label): \($0)" }
        }
        guard !candidates.isEmpty else { throw .noPrunableGroup(obstacles) }
        let before = try macs(of: graph)
        let target = Int(Double(before) * configuration.remainingMACs)
        // The fewest channels that reach the target, by bisection: MACs fall as channels go.
        var (enough, tooFew) = (candidates.count, -1)
        var after = try macs(of: graph, without: candidates[...], groups, configuration)
        guard after <= target else { throw .unreachableMACs(target: target, reachable: after, before: before) }
        while enough - tooFew > 1 {
            let middle = (enough + tooFew) / 2
            let macs = try macs(of: graph, without: candidates[..<middle], groups, configuration)
            if macs <= target { (enough, after) = (middle, macs) } else { tooFew = middle }
        }
        let removed = removals(candidates[..<enough], groups, configuration)
        return Plan(
            macsBefore: before, macsAfter: after,
            groups: removed.map { index, channels in
                Plan.Group(
                    index: index, label: groups[index].label, channels: groups[index].channelCount, removed: channels)
            },
            obstacles: obstacles)
    }

    /// Removes the planned channels.
    ///
    /// - Throws: `planMismatch` when the plan was made for another graph. `graph` is then unchanged.
    public static func apply(_ plan: Plan, to graph: inout Graph) throws(CompressionError) {
        let groups = try groups(of: graph)
        var removals: [ChannelRemoval] = []
        for planned in plan.groups {
            guard groups.indices.contains(planned.index), groups[planned.index].label == planned.label,
                groups[planned.index].channelCount == planned.channels, groups[planned.index].isPrunable,
                planned.removed.allSatisfy((0..<planned.channels).contains), planned.removed.count < planned.channels
            else { throw .planMismatch("the group \(planned.label) of \(planned.channels) channels") }
            removals.append(ChannelRemoval(groups[planned.index], channels: planned.removed))
        }
        graph = try removing(removals, from: graph)
    }

    // MARK: Ranking

    private struct Candidate {
        var group: Int
        var channel: Int
        var score: Double
    }

    /// All channels that may go, the least important first.
    private static func ranking(
        _ groups: [ChannelGroup], in graph: Graph, by criterion: any ImportanceCriterion,
        _ configuration: Configuration
    ) throws(CompressionError) -> [Candidate] {
        var candidates: [Candidate] = []
        for (index, group) in groups.enumerated() where group.isPrunable {
            let scores = try criterion.scores(of: group, in: graph)
            let mean = scores.reduce(0, +) / Double(max(scores.count, 1))
            let ranked = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
            candidates += ranked.prefix(removableCount(of: group, configuration)).map {
                Candidate(group: index, channel: $0, score: mean > 0 ? scores[$0] / mean : 0)
            }
        }
        return candidates.sorted { ($0.score, $0.group, $0.channel) < ($1.score, $1.group, $1.channel) }
    }

    /// How many channels of a prunable group may go; one always stays.
    private static func removableCount(of group: ChannelGroup, _ configuration: Configuration) -> Int {
        min(Int(Double(group.channelCount) * configuration.largestCut), group.channelCount - 1)
    }

    private static func obstacle(of group: ChannelGroup, _ configuration: Configuration) -> String? {
        if let obstacle = group.obstacle { return obstacle }
        guard removableCount(of: group, configuration) == 0 else { return nil }
        return "a largest cut of \(configuration.largestCut) leaves all of its \(group.channelCount) channels"
    }

    /// The channels to remove from each group, rounded so that what stays is a multiple of what the hardware likes.
    private static func removals(
        _ candidates: ArraySlice<Candidate>, _ groups: [ChannelGroup], _ configuration: Configuration
    ) -> [(group: Int, channels: [Int])] {
        let byGroup = Dictionary(grouping: candidates, by: \.group)
        return byGroup.keys.sorted().compactMap { index in
            let total = groups[index].channelCount
            let chosen = byGroup[index, default: []].map(\.channel)  // the least important first
            let multiple = total >= 2 * configuration.channelMultiple ? max(configuration.channelMultiple, 1) : 1
            let kept = min((total - chosen.count + multiple - 1) / multiple * multiple, total)
            let channels = chosen.prefix(total - kept).sorted()
            return channels.isEmpty ? nil : (index, channels)
        }
    }

    // MARK: Graphs

    private static func groups(of graph: Graph) throws(CompressionError) -> [ChannelGroup] {
        do {
            return try ChannelGroups(of: graph).groups
        } catch {
            throw .invalidGraph(error)
        }
    }

    private static func removing(_ removals: [ChannelRemoval], from graph: Graph) throws(CompressionError) -> Graph {
        do {
            return try graph.removingChannels(removals)
        } catch {
            throw .invalidGraph(error)
        }
    }

    private static func macs(of graph: Graph) throws(CompressionError) -> Int {
        do {
            return try CostAnalysis(of: graph).total.macs
        } catch {
            throw .invalidGraph(error)
        }
    }

    private static func macs(
        of graph: Graph, without candidates: ArraySlice<Candidate>, _ groups: [ChannelGroup],
        _ configuration: Configuration
    ) throws(CompressionError) -> Int {
        let removals = removals(candidates, groups, configuration).map {
            ChannelRemoval(groups[$0.group], channels: $0.channels)
        }
        return try macs(of: try removing(removals, from: graph))
    }
}
