package import BantamGraph

/// What pruning must leave of each group.
public struct PruningLimits: Codable, Hashable, Sendable {
    /// No group loses more than this fraction of its channels, 0...1; `nil` for the first of ``usualCuts`` with which the
    /// target can be reached.
    public var largestCut: Double?
    /// What stays of a group is a multiple of this: vector units work on 8 or 16 channels at once. `nil` for any
    /// number, or for what ``GradualPruning`` finds to be faster.
    public var channelMultiple: Int?
    /// Layers that keep all of their channels: names of nodes or weights, where `*` stands for anything.
    public var protectedLayers: [String]

    /// A criterion that finds a layer idle on some hundred samples is often wrong about the last of its channels.
    static let usualCuts = [0.6, 0.75, 0.9]

    public init(largestCut: Double? = nil, channelMultiple: Int? = nil, protectedLayers: [String] = []) {
        self.largestCut = largestCut
        self.channelMultiple = channelMultiple
        self.protectedLayers = protectedLayers
    }

    /// How many channels of a group must stay.
    func fewest(of group: ChannelGroup) -> Int {
        let kept = max(group.channelCount - Int(Double(group.channelCount) * cut), 1)
        return rounded(kept, of: group)
    }

    /// The fraction that holds, or the largest that may.
    var cut: Double { largestCut ?? Self.usualCuts.max() ?? 1 }

    /// The number to keep of a group, so that no fewer than `kept` stay.
    ///
    /// An attention head counts as the features that make it: of heads of 64, any number is a multiple of 8.
    func rounded(_ kept: Int, of group: ChannelGroup) -> Int {
        let width = (group.producers.first?.indices.count ?? 0) / max(group.channelCount, 1)
        let multiple = channelMultiple ?? 1
        // Euclid's algorithm: what of the multiple a single channel does not bring along.
        var (divisor, rest) = (multiple, max(width, 1))
        while rest > 0 { (divisor, rest) = (rest, divisor % rest) }
        let step = multiple / divisor
        return min((kept + step - 1) / step * step, group.channelCount)
    }

    /// Which protected name a group has, if any.
    package func protection(of group: ChannelGroup, in graph: Graph) -> String? {
        guard !protectedLayers.isEmpty else { return nil }
        var names: Set<String> = []
        for member in group.members where member.part == .producer {
            names.insert(graph[member.value].name)
            if let node = member.node { names.insert(graph[node].name) }
        }
        return NamePattern.first(of: protectedLayers, matching: names)
    }
}
