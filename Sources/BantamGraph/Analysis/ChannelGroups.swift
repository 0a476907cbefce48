import OrderedCollections

/// The groups of coupled channels in a graph.
///
/// ```swift
/// let groups = try ChannelGroups(of: graph).groups
/// let removal = ChannelRemoval(groups[0], channels: [3, 7])
/// let smaller = try graph.removingChannels([removal])
/// ```
///
/// ## How they are found
/// 1. Each operator links axes of its inputs, weights and outputs (``ChannelFlow``). A union-find over whole axes
///    finds those that hang together, and only the ones with a weight that makes channels are looked at further:
///    this leaves out the pixels of images.
/// 2. A union-find over atoms, the single indices along these axes, joins what the links map to each other. A class
///    of atoms is one channel.
/// 3. Channels that lie along the same set of axes form a group.
///
/// An axis that some node touches without linking it (an input or output of the model, a softmax over channels, an
/// operator that cannot be followed) is an obstacle for every channel along it.
public struct ChannelGroups: Sendable {
    /// Every group that a weight produces, prunable or not, ordered by the first node that does.
    public let groups: [ChannelGroup]

    /// - Parameters:
    ///   - sizes: The sizes of free dimensions, by name. Those not named are 1, batches 2.
    ///   - attention: What the channels of attention layers are: features of all heads, or whole heads.
    /// - Throws: the first violation found by ``ShapeInference``.
    /// - Complexity: O(nodes + edges + indices along the axes that channels lie on), nearly.
    public init(
        of graph: Graph, sizes: [String: Int] = [:], attention: AttentionChannels = .headDimensions
    ) throws(GraphError) {
        let types = try graph.channelTypes(sizes: sizes)
        let facts = try FlowFacts(of: graph, types, attention: attention)
        let axes = try AxisGraph(of: graph, types: types, facts: facts)
        groups = ChannelBundles(in: graph, axes).groups
    }

    /// The groups from which channels can be removed.
    public var prunable: [ChannelGroup] { groups.filter(\.isPrunable) }
}

extension Graph {
    /// The types at which channels are followed: with a batch of 2, which cannot be mistaken for an axis of size 1
    /// that broadcasts, or of 1 where the model takes nothing else.
    func channelTypes(sizes: [String: Int]) throws(GraphError) -> ShapeInference {
        let shapes = inputs.map { input in
            var sizes = sizes
            if let batch = input.dimensions.first?.name, sizes[batch] == nil { sizes[batch] = 2 }
            return input.shape(sizes: sizes)
        }
        do throws(GraphError) {
            return try ShapeInference(of: self, inputShapes: shapes)
        } catch {
            return try ShapeInference(of: self, sizes: sizes)
        }
    }
}
