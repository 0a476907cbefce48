public import BantamModel

/// What each layer kept of its channels, over all rounds of a pruning.
public struct PrunedChannels: Codable, Hashable, Sendable {
    public struct Layer: Codable, Hashable, Sendable {
        /// The first layer that makes the channels, as in ``StructuredPruning/Plan/Group/label``.
        public var label: String
        public var before: Int
        public var after: Int
    }

    public var quantity: PruningTarget.Quantity
    /// Of the quantity, in its unit, when the first round began and when the last one's channels were chosen.
    public var amountBefore: Double
    public var amountAfter: Double
    /// What stayed of each group is a multiple of this.
    public var channelMultiple: Int
    /// Those that lost channels, in the order of the graph.
    public var layers: [Layer]
    /// Those that could lose none, and why.
    public var obstacles: [String]

    /// - Parameter plans: Of the rounds, in order.
    /// - Precondition: At least one.
    public init(_ plans: [StructuredPruning.Plan]) {
        guard let first = plans.first, let last = plans.last else { preconditionFailure("no round of pruning") }
        quantity = last.quantity
        (amountBefore, amountAfter) = (first.before, last.after)
        channelMultiple = last.channelMultiple
        obstacles = last.obstacles
        // The graph keeps its groups, in their order.
        var layers: [Int: Layer] = [:]
        for group in plans.flatMap(\.groups) {
            let before = layers[group.index]?.before ?? group.channels
            layers[group.index] = Layer(
                label: group.label, before: before, after: group.channels - group.removed.count)
        }
        self.layers = layers.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension StructuredPruning.Plan {
    /// Says that a target is undercut by more than 2 points, as the smallest step of any layer is larger; `nil` where it
    /// is not.
    ///
    /// - Parameter most: What the model may have.
    package func undercutNote(of most: Double?) -> String? {
        guard let most, quantity != .latency, before > 0 else { return nil }
        let undercut = (most - after) / before * 100
        guard undercut > 2 else { return nil }
        return "the target is undercut by \((undercut * 10).rounded() / 10) points: "
            + (channelMultiple > 1
                ? "one step of the finest layer, \(channelMultiple) channels, would exceed it; --channel-multiple 1 comes closer"
                : "single channels are coarse steps in a model of so few")
    }
}
