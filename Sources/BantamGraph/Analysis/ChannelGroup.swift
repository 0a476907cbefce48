/// Channels that structured pruning removes together, with every place they appear in.
///
/// Channel `c` of a group is one class of coupled indices: an output channel of a convolution, its bias, the
/// BatchNorm's parameters behind it, the input channels of whatever reads it, and through a residual `Add` the
/// output channel of another convolution. Each place is a ``Member``.
///
/// Reference: Fang et al., *DepGraph: Towards Any Structural Pruning*, CVPR 2023.
public struct ChannelGroup: Hashable, Sendable {
    /// How many channels can be chosen from.
    public let channelCount: Int
    /// Constants and activations along whose axes the channels lie, in the graph's order.
    public let members: [Member]
    /// Why no channel may be removed, or `nil` when they may.
    public let obstacle: String?
    /// The first producing node's name, for people: `"conv1 (Conv)"`.
    public let label: String

    public var isPrunable: Bool { obstacle == nil }

    /// Weights and biases that make the channels: axis 0 of a convolution's weight. Never empty.
    public var producers: [Member] { members.filter { $0.part == .producer } }

    /// Weights that read the channels: axis 1 of the next convolution's weight.
    public var consumers: [Member] { members.filter { $0.part == .consumer } }

    /// What a member does for the channels.
    public enum Part: String, Hashable, Sendable, Codable {
        /// A constant that makes them.
        case producer
        /// A constant that changes each of them, such as a BatchNorm's scale or a depthwise convolution's weight.
        case carrier
        /// A constant that reads them.
        case consumer
        /// A value that holds them while the model runs.
        case activation
    }

    /// One axis of one value, and where each channel lies along it.
    public struct Member: Hashable, Sendable {
        public let value: ValueID
        public let axis: Int
        public let part: Part
        /// What the constant is for; `nil` for an activation.
        public let role: InputSlot.Role?
        /// The node that reads the constant or computes the activation; `nil` for an input of the graph.
        public let node: NodeID?
        /// The indices along `axis`, those of channel 0 first. Most members have one index a channel; a flattened
        /// image has one a pixel, a grouped convolution one a group.
        public let indices: [Int]
        /// Where the indices of each channel begin in ``indices``, with the total as last entry.
        let starts: [Int]

        /// The indices of one channel along ``axis``, ascending.
        public func indices(of channel: Int) -> ArraySlice<Int> {
            indices[starts[channel]..<starts[channel + 1]]
        }
    }
}
