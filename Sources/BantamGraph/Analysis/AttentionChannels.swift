/// Which channels of an attention layer a group lists.
///
/// Queries, keys and values of `heads · d` features are cut into heads of `d` features each. An index along that axis
/// has two digits, the head and the place in it, and only one of them can be the channel at a time.
public enum AttentionChannels: String, CaseIterable, Codable, Hashable, Sendable {
    /// All heads become narrower alike: a channel is one feature of every head.
    case headDimensions = "head-dimensions"
    /// Whole heads go: a channel is a head with all its features. Heads of one feature, and an attention of one head,
    /// which has nothing to choose from, are read as features.
    ///
    /// Michel et al., *Are Sixteen Heads Really Better than One?*, NeurIPS 2019.
    case heads
}

/// What is known of attention around one node that changes shapes.
struct HeadAxes: Hashable, Sendable {
    /// The node's axes whose indices number heads, alone or beside the batch.
    var axes: Set<SlotAxis>
    var channels: AttentionChannels
}
