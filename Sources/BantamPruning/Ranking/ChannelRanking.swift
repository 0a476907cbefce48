import BantamGraph
import BantamModel

/// The channels that may go, the least important first.
struct ChannelRanking {
    struct Candidate: Hashable {
        var group: Int
        var channel: Int
    }

    let candidates: [Candidate]
    /// Groups that keep all of their channels, and why.
    let obstacles: [String]

    /// - Parameter savings: What a channel of each group saves, to weigh its score by; empty for scores as they are.
    init(
        _ groups: [ChannelGroup], from evidence: ImportanceEvidence, _ configuration: StructuredPruning.Configuration,
        savings: [Double] = []
    ) throws(CompressionError) {
        let criterion = try ImportanceCriteria.named(configuration.criterion)
        let normalizer = configuration.normalizer ?? type(of: criterion).normalizer
        var obstacles: [String] = []
        var contests: [String: [(candidate: Candidate, score: Double)]] = [:]
        var contestants: [String: Int] = [:]
        for (index, group) in groups.enumerated() {
            let removable = group.channelCount - configuration.limits.fewest(of: group)
            if let obstacle = Self.obstacle(of: group, in: evidence.graph, removable, configuration.limits) {
                obstacles.append("\(group.label): \(obstacle)")
                continue
            }
            var scores = normalizer(configuration.reduction(try criterion.scores(of: group, from: evidence)))
            if !savings.isEmpty {
                // Channels that save nothing go last.
                scores = scores.map { $0 / max(savings[index], .leastNonzeroMagnitude) }
            }
            guard scores.count == group.channelCount else {
                obstacles.append("\(group.label): it has nothing for \(configuration.criterion) to judge by")
                continue
            }
            let ranked = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
            let contest = configuration.scope.contest(of: group, at: index, in: evidence.graph)
            contests[contest, default: []] += ranked.prefix(removable).map {
                (Candidate(group: index, channel: $0), scores[$0])
            }
            contestants[contest, default: 0] += group.channelCount
        }
        self.obstacles = obstacles
        candidates = Self.merged(contests, contestants)
    }

    private static func obstacle(
        of group: ChannelGroup, in graph: Graph, _ removable: Int, _ limits: PruningLimits
    ) -> String? {
        if let obstacle = group.obstacle { return obstacle }
        if let pattern = limits.protection(of: group, in: graph) { return "it is protected (\(pattern))" }
        guard removable == 0 else { return nil }
        if group.channelCount == 1 { return "it is a single channel" }
        let multiple = limits.channelMultiple ?? 1
        return multiple > 1 && limits.cut > 0
            ? "a multiple of \(multiple) leaves all of its \(group.channelCount) channels"
            : "a largest cut of \(limits.cut) leaves all of its \(group.channelCount) channels"
    }

    /// Takes from each contest in turn, so that at any time each has lost the same fraction.
    private static func merged(
        _ contests: [String: [(candidate: Candidate, score: Double)]], _ contestants: [String: Int]
    ) -> [Candidate] {
        var keyed: [(fraction: Double, candidate: Candidate)] = []
        for (name, contest) in contests {
            let ranked = contest.sorted {
                ($0.score, $0.candidate.group, $0.candidate.channel)
                    < ($1.score, $1.candidate.group, $1.candidate.channel)
            }
            let count = Double(contestants[name, default: 1])
            keyed += ranked.enumerated().map { (Double($0) / count, $1.candidate) }
        }
        return keyed.sorted {
            ($0.fraction, $0.candidate.group, $0.candidate.channel)
                < ($1.fraction, $1.candidate.group, $1.candidate.channel)
        }.map(\.candidate)
    }
}
