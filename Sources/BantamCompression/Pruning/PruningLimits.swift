import BantamGraph

/// What pruning must leave of each group.
public struct PruningLimits: Codable, Hashable, Sendable {
    /// No group loses more than this fraction of its channels, 0...1.
    public var largestCut: Double
    /// What stays of a group is a multiple of this: vector units work on 8 or 16 channels at once. `nil` for any
    /// number, or for what ``GradualPruning`` finds to be faster.
    public var channelMultiple: Int?
    /// Layers that keep all of their channels: names of nodes or weights, where `*` stands for anything.
    public var protectedLayers: [String]

    public init(largestCut: Double = 0.9, channelMultiple: Int? = nil, protectedLayers: [String] = []) {
        self.largestCut = largestCut
        self.channelMultiple = channelMultiple
        self.protectedLayers = protectedLayers
    }

    /// How many channels must stay.
    func fewest(of count: Int) -> Int {
        let kept = max(count - Int(Double(count) * largestCut), 1)
        return rounded(kept, of: count)
    }

    /// The number to keep of a group of `count`, so that no fewer than `kept` stay.
    func rounded(_ kept: Int, of count: Int) -> Int {
        let multiple = channelMultiple ?? 1
        return min((kept + multiple - 1) / multiple * multiple, count)
    }

    /// Which protected name a group has, if any.
    func protection(of group: ChannelGroup, in graph: Graph) -> String? {
        guard !protectedLayers.isEmpty else { return nil }
        var names: Set<String> = []
        for member in group.members where member.part == .producer {
            names.insert(graph[member.value].name)
            if let node = member.node { names.insert(graph[node].name) }
        }
        return NamePattern.first(of: protectedLayers, matching: names)
    }
}
