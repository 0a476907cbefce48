public import BantamGraph
public import BantamModel

/// Removes whole channels, so that the model becomes smaller and faster on any hardware.
///
/// A criterion scores the channels of each group; those with the lowest scores go first, until the target is met. What
/// is left is an ordinary, smaller model.
///
/// ```swift
/// let plan = try StructuredPruning.plan(for: graph, .init(.init(.macs, .fraction(0.5))))
/// try StructuredPruning.apply(plan, to: &graph)
/// ```
public enum StructuredPruning {
    /// How much is removed, and by which measure.
    public struct Configuration: Codable, Hashable, Sendable {
        public var target: PruningTarget
        /// The name of an ``ImportanceCriterion``.
        public var criterion: String
        /// How the scores that a channel has in several layers become one.
        public var reduction: GroupReduction
        /// How groups are made comparable; `nil` for the criterion's own way.
        public var normalizer: ScoreNormalizer?
        /// Which channels compete.
        public var scope: RankingScope
        public var limits: PruningLimits
        /// What attention layers lose.
        public var attention: AttentionChannels
        /// Whether the multiple of channels is the one that is measured to be fastest here, where the limits prescribe
        /// none; else it follows from the widths of the layers, the same each time.
        public var timesMultiples: Bool
        /// The criterion to take where the first judges too few groups for the target: not every one has something to say
        /// of weights that layers share. `nil` for none.
        public var fallback: String?

        public init(
            _ target: PruningTarget, criterion: String = L1Norm.name, reduction: GroupReduction = .mean,
            normalizer: ScoreNormalizer? = nil, scope: RankingScope = .global, limits: PruningLimits = PruningLimits(),
            attention: AttentionChannels = .headDimensions, timesMultiples: Bool = false, fallback: String? = nil
        ) {
            self.target = target
            self.criterion = criterion
            self.reduction = reduction
            self.normalizer = normalizer
            self.scope = scope
            self.limits = limits
            self.attention = attention
            self.timesMultiples = timesMultiples
            self.fallback = fallback
        }

        /// Recipes that say nothing of attention or timing are read too.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            target = try container.decode(PruningTarget.self, forKey: .target)
            criterion = try container.decode(String.self, forKey: .criterion)
            reduction = try container.decode(GroupReduction.self, forKey: .reduction)
            normalizer = try container.decodeIfPresent(ScoreNormalizer.self, forKey: .normalizer)
            scope = try container.decode(RankingScope.self, forKey: .scope)
            limits = try container.decode(PruningLimits.self, forKey: .limits)
            attention =
                try container.decodeIfPresent(AttentionChannels.self, forKey: .attention) ?? .headDimensions
            timesMultiples = try container.decodeIfPresent(Bool.self, forKey: .timesMultiples) ?? false
            fallback = try container.decodeIfPresent(String.self, forKey: .fallback)
        }
    }

    /// Which channels go.
    public struct Plan: Codable, Hashable, Sendable {
        public var quantity: PruningTarget.Quantity
        /// What stays of each group is a multiple of this.
        public var channelMultiple: Int
        /// Of the quantity, in its unit.
        public var before: Double
        public var after: Double
        /// What the groups of attention layers list.
        public var attention: AttentionChannels
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
    /// - Parameters:
    ///   - evidence: What the criterion judges by, of this graph; only its weights by default.
    ///   - meter: Measures what the graph itself does not tell: file size and latency.
    /// - Throws: `invalidTarget` when a number cannot be meant; `unreachableTarget` with what can be reached, and what
    ///   stands in the way; `nothingToCompress` with the obstacles; `missingGradients`; `notFinite`.
    /// - Complexity: O(log(channels)) removals from the graph, and as many measurements.
    public static func plan(
        for graph: Graph, _ configuration: Configuration, evidence: ImportanceEvidence? = nil,
        meter: any CostMeter = StaticCost()
    ) throws -> Plan {
        guard configuration.limits.largestCut == nil else {
            return try plan(for: graph, withinLimitsOf: configuration, evidence, meter)
        }
        var limited = configuration
        for cut in PruningLimits.usualCuts.dropLast() {
            limited.limits.largestCut = cut
            let found = try reachable { try plan(for: graph, withinLimitsOf: limited, evidence, meter) }
            if let found { return found }
        }
        limited.limits.largestCut = PruningLimits.usualCuts.last
        return try plan(for: graph, withinLimitsOf: limited, evidence, meter)
    }

    /// `nil` where the limits leave too many channels for the target.
    package static func reachable(_ plan: () throws -> Plan) throws -> Plan? {
        do {
            return try plan()
        } catch let error as CompressionError where [.unreachableTarget, .nothingToCompress].contains(error.code) {
            return nil
        }
    }

    private static func plan(
        for graph: Graph, withinLimitsOf configuration: Configuration, _ evidence: ImportanceEvidence?,
        _ meter: any CostMeter
    ) throws -> Plan {
        try check(configuration.limits)
        let groups = try groups(of: graph, configuration.attention)
        try NamePattern.requireLayers(configuration.limits.protectedLayers, in: graph)
        let evidence = evidence ?? ImportanceEvidence(graph: graph)
        let savings = try savings(configuration, groups, graph, meter)
        let ranking = try ChannelRanking(groups, from: evidence, configuration, savings: savings)
        let quantity = configuration.target.quantity
        let before = try meter.amount(of: quantity, in: graph)
        let most = try configuration.target.most(of: before)
        func amount(without count: Int) throws -> Double {
            let removed = removals(ranking.candidates[..<count], groups, configuration.limits)
            return try meter.amount(of: quantity, in: try removing(removed, groups, from: graph))
        }
        // The fewest channels that reach the target, by bisection: what a model needs falls as channels go.
        var (enough, tooFew) = (ranking.candidates.count, -1)
        var after = try amount(without: enough)
        guard after <= most else {
            let reliefs = try reliefs(for: configuration, evidence, groups, savings, meter, below: after)
            guard !ranking.candidates.isEmpty || !reliefs.isEmpty else {
                throw CompressionError.noPrunableGroup(ranking.obstacles)
            }
            throw CompressionError.unreachable(
                quantity, most: most, reachable: after, before: before, reliefs: reliefs)
        }
        while enough - tooFew > 1 {
            let middle = (enough + tooFew) / 2
            let amount = try amount(without: middle)
            if amount <= most { (enough, after) = (middle, amount) } else { tooFew = middle }
        }
        var removed = removals(ranking.candidates[..<enough], groups, configuration.limits)
        // Times are too uncertain, and locally every group is to lose the same fraction.
        if quantity != .latency, configuration.scope != .local {
            let candidates = ranking.candidates[..<enough]
            try giveBack(to: &removed, &after, most, of: before, candidates, groups, configuration.limits) { removed in
                try meter.amount(of: quantity, in: try removing(removed, groups, from: graph))
            }
        }
        return Plan(
            quantity: quantity, channelMultiple: configuration.limits.channelMultiple ?? 1,
            before: before, after: after, attention: configuration.attention,
            groups: removed.map { index, channels in
                Plan.Group(
                    index: index, label: groups[index].label, channels: groups[index].channelCount, removed: channels)
            },
            obstacles: ranking.obstacles)
    }

    /// Removes the planned channels.
    ///
    /// - Throws: `planMismatch` when the plan was made for another graph. `graph` is then unchanged.
    public static func apply(_ plan: Plan, to graph: inout Graph) throws(CompressionError) {
        let groups = try groups(of: graph, plan.attention)
        var removed: [(group: Int, channels: [Int])] = []
        for planned in plan.groups {
            guard groups.indices.contains(planned.index), groups[planned.index].label == planned.label,
                groups[planned.index].channelCount == planned.channels, groups[planned.index].isPrunable,
                planned.removed.allSatisfy((0..<planned.channels).contains), planned.removed.count < planned.channels
            else { throw .planMismatch("the group \(planned.label) of \(planned.channels) channels") }
            removed.append((planned.index, planned.removed))
        }
        graph = try removing(removed, groups, from: graph)
    }

    private static func check(_ limits: PruningLimits) throws(CompressionError) {
        guard (0...1).contains(limits.cut) else { throw .invalidCut(limits.cut) }
        if let multiple = limits.channelMultiple, !(1...4096).contains(multiple) { throw .invalidMultiple(multiple) }
    }

    // MARK: Removing

    /// The channels to remove from each group, so many that what stays is a multiple of what the hardware likes.
    private static func removals(
        _ candidates: ArraySlice<ChannelRanking.Candidate>, _ groups: [ChannelGroup], _ limits: PruningLimits
    ) -> [(group: Int, channels: [Int])] {
        let byGroup = Dictionary(grouping: candidates, by: \.group)
        return byGroup.keys.sorted().compactMap { index in
            let total = groups[index].channelCount
            let chosen = byGroup[index, default: []].map(\.channel)  // the least important first
            let kept = limits.rounded(total - chosen.count, of: groups[index])
            let channels = chosen.prefix(total - kept).sorted()
            return channels.isEmpty ? nil : (index, channels)
        }
    }

    /// Of what the model had, the share by which a target may be undercut.
    private static let harmlessUndercut = 0.02

    /// Gives channels back where whole multiples went far beyond the target: of each group the most important ones that
    /// went, as long as the target is met.
    ///
    /// - Parameters:
    ///   - after: What the model has without `removed`.
    ///   - candidates: What went, the least important first.
    ///   - amount: What the model has without some channels.
    private static func giveBack(
        to removed: inout [(group: Int, channels: [Int])], _ after: inout Double, _ most: Double, of before: Double,
        _ candidates: ArraySlice<ChannelRanking.Candidate>, _ groups: [ChannelGroup], _ limits: PruningLimits,
        amount: ([(group: Int, channels: [Int])]) throws -> Double
    ) rethrows {
        var order: [Int] = []
        for candidate in candidates.reversed() where !order.contains(candidate.group) { order.append(candidate.group) }
        // Again from the first group on, until the step of no group fits; single channels go back once for each group, or
        // the ranking would count for nothing.
        let repeats = limits.channelMultiple ?? 1 > 1
        var queue = order[...]
        while most - after > harmlessUndercut * before, let group = queue.popFirst() {
            guard let place = removed.firstIndex(where: { $0.group == group }) else { continue }
            let gone = Set(removed[place].channels)
            let ranked = candidates.filter { $0.group == group && gone.contains($0.channel) }.map(\.channel)
            let total = groups[group].channelCount
            let kept = limits.rounded(total - gone.count + 1, of: groups[group])
            var trial = removed
            trial[place].channels = ranked.prefix(total - kept).sorted()
            trial.removeAll { $0.channels.isEmpty }
            let smaller = try amount(trial)
            if smaller <= most { (removed, after, queue) = (trial, smaller, repeats ? order[...] : queue) }
        }
    }

    /// What a channel of each group saves, in the unit of the target; empty where the criterion does not ask.
    ///
    /// Times are too uncertain to be told for one channel: MACs stand for them.
    private static func savings(
        _ configuration: Configuration, _ groups: [ChannelGroup], _ graph: Graph, _ meter: any CostMeter
    ) throws -> [Double] {
        let criterion = try ImportanceCriteria.named(configuration.criterion)
        guard type(of: criterion).weighsSavings else { return [] }
        let quantity = configuration.target.quantity == .latency ? .macs : configuration.target.quantity
        let before = try meter.amount(of: quantity, in: graph)
        return try groups.enumerated().map { index, group in
            guard group.isPrunable, group.channelCount > 1 else { return 0 }
            let count = group.channelCount / 2
            let smaller = try removing([(index, Array(0..<count))], groups, from: graph)
            return (before - (try meter.amount(of: quantity, in: smaller))) / Double(count)
        }
    }

    private static func groups(
        of graph: Graph, _ attention: AttentionChannels
    ) throws(CompressionError) -> [ChannelGroup] {
        do {
            return try ChannelGroups(of: graph, attention: attention).groups
        } catch {
            throw .invalidGraph(error)
        }
    }

    private static func removing(
        _ removed: [(group: Int, channels: [Int])], _ groups: [ChannelGroup], from graph: Graph
    ) throws(CompressionError) -> Graph {
        do {
            return try graph.removingChannels(removed.map { ChannelRemoval(groups[$0.group], channels: $0.channels) })
        } catch {
            throw .invalidGraph(error)
        }
    }

    // MARK: Unreachable targets

    /// What each limit costs: how far pruning could go without it; or without all of them, where none binds alone.
    private static func reliefs(
        for configuration: Configuration, _ evidence: ImportanceEvidence, _ groups: [ChannelGroup],
        _ savings: [Double], _ meter: any CostMeter, below reachable: Double
    ) throws -> [String] {
        var changes: [(name: String, limits: PruningLimits)] = []
        func relax(_ name: String, _ change: (inout PruningLimits) -> Void) {
            var limits = configuration.limits
            change(&limits)
            if limits != configuration.limits { changes.append((name, limits)) }
        }
        relax("without the largest cut of \(configuration.limits.cut)") { $0.largestCut = 1 }
        if let multiple = configuration.limits.channelMultiple, multiple > 1 {
            relax("without multiples of \(multiple)") { $0.channelMultiple = 1 }
        }
        relax("without protected layers") { $0.protectedLayers = [] }
        func relief(_ name: String, _ limits: PruningLimits) throws -> String? {
            var relaxed = configuration
            relaxed.limits = limits
            let candidates = try ChannelRanking(groups, from: evidence, relaxed, savings: savings).candidates
            let removed = removals(candidates[...], groups, limits)
            let amount = try meter.amount(
                of: configuration.target.quantity, in: try removing(removed, groups, from: evidence.graph))
            return amount < reachable ? "\(CompressionError.number(amount)) \(name)" : nil
        }
        let reliefs = try changes.compactMap(relief)
        guard reliefs.isEmpty, changes.count > 1 else { return reliefs }
        return try relief(
            "without any of the limits", PruningLimits(largestCut: 1, channelMultiple: 1, protectedLayers: [])
        ).map { [$0] } ?? []
    }
}
