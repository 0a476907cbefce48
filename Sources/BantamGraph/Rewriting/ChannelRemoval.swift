/// Channels of one group that are to be deleted.
public struct ChannelRemoval: Hashable, Sendable {
    public var group: ChannelGroup
    /// Numbers of channels, in `0..<group.channelCount`, in any order.
    public var channels: Set<Int>

    public init(_ group: ChannelGroup, channels: some Sequence<Int>) {
        self.group = group
        self.channels = Set(channels)
    }

    /// - Throws: `channelsNotRemovable` when the group is not prunable, a channel does not exist, or none would stay.
    func check() throws(GraphError) {
        if let obstacle = group.obstacle, !channels.isEmpty {
            throw .groupNotPrunable(group.label, reason: obstacle)
        }
        for channel in channels.sorted() where !(0..<group.channelCount).contains(channel) {
            throw .channelOutOfRange(channel, of: group.label, count: group.channelCount)
        }
        guard channels.count < group.channelCount else {
            throw .noChannelLeft(of: group.label, count: group.channelCount)
        }
    }
}
