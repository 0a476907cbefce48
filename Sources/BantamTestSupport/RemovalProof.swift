public import BantamGraph

/// The proof of channel removal: a model without channels computes what the whole model does when those channels
/// have no effect.
///
/// Channels have none when whatever makes, scales, shifts or reads them is zero. Where a normalization takes its
/// mean over them that is not enough: after the removal it takes the mean over those that remain. There the channels
/// that go become copies of some that stay, each of which gets equally many, so that mean and variance are the same
/// over all as over those that stay. What comes out of the last normalization is zeroed, and so is what reads copies.
public struct RemovalProof {
    public let graph: Graph
    public let removals: [ChannelRemoval]

    /// Removes every other channel of each group, beginning with the second.
    public static func halving(_ groups: [ChannelGroup], of graph: Graph) -> RemovalProof {
        RemovalProof(
            of: graph,
            groups.map { group in
                let isOdd = !group.channelCount.isMultiple(of: 2)
                // Of an odd number no half can be copies of the other half.
                let first = isOdd && isNormalized(group, in: graph) ? group.channelCount : 1
                return ChannelRemoval(group, channels: stride(from: first, to: group.channelCount, by: 2))
            }.filter { !$0.channels.isEmpty })
    }

    /// Removes all channels but the last.
    public static func keepingOne(of group: ChannelGroup, of graph: Graph) -> RemovalProof {
        RemovalProof(of: graph, [ChannelRemoval(group, channels: 0..<group.channelCount - 1)])
    }

    /// - Parameter removals: Of a group that is normalized over its channels, every other channel or all but the last.
    private init(of graph: Graph, _ removals: [ChannelRemoval]) {
        self.graph = graph
        self.removals = removals
    }

    /// The same for each group by itself.
    public var parts: [RemovalProof] { removals.map { RemovalProof(of: graph, [$0]) } }

    /// The smaller model.
    public func removed() throws(GraphError) -> Graph { try graph.removingChannels(removals) }

    /// The whole model, in which the channels have no effect.
    public func disabled() -> Graph {
        var copy = graph
        for removal in removals {
            let normalizations = removal.group.members.compactMap(\.node).filter { Self.isNormalization($0, graph) }
            let last = normalizations.filter { !leads(from: $0, toNormalizationOf: removal.group) }
            for member in removal.group.members {
                guard member.part != .activation, let data = copy.constants[member.value] else { continue }
                let isLast = member.node.map(last.contains) ?? false
                let isCopied = !normalizations.isEmpty && member.part != .consumer && !isLast
                // A variance of zero is none.
                if !isCopied, member.role == .statistic { continue }
                let rows = removal.channels.sorted().flatMap { channel in
                    let stays = removal.channels.contains(channel - 1) || channel == 0
                    let source = stays ? removal.group.channelCount - 1 : channel - 1
                    return zip(member.indices(of: channel), member.indices(of: source)).map { (to: $0, from: $1) }
                }
                copy.setConstant(
                    member.value,
                    to: data.replacing(isCopied ? rows : rows.map { ($0.to, nil) }, alongAxis: member.axis))
            }
        }
        return copy
    }

    /// Whether the channels go on from a node to another normalization over them.
    private func leads(from start: NodeID, toNormalizationOf group: ChannelGroup) -> Bool {
        let values = Set(group.members.lazy.filter { $0.part == .activation }.map(\.value))
        var (seen, front): (Set<NodeID>, [NodeID]) = ([start], [start])
        while let node = front.popLast() {
            for output in graph[node].outputs.compactMap(\.self) where values.contains(output) {
                for reader in graph.consumers(of: output) where seen.insert(reader).inserted {
                    if Self.isNormalization(reader, graph) { return true }
                    front.append(reader)
                }
            }
        }
        return false
    }

    private static func isNormalized(_ group: ChannelGroup, in graph: Graph) -> Bool {
        group.members.contains { isNormalization($0.node, graph) }
    }

    private static func isNormalization(_ node: NodeID?, _ graph: Graph) -> Bool {
        node.map { ["LayerNormalization", "GroupNormalization"].contains(graph[$0].operatorName) } ?? false
    }
}

extension TensorData {
    /// Rows replaced by others, or by zeros where none is named.
    fileprivate func replacing(_ rows: [(to: Int, from: Int?)], alongAxis axis: Int) -> TensorData {
        var result = self
        let rowBytes = shape.strides[axis] * dtype.bitWidth / 8
        let blockBytes = shape[axis] * rowBytes
        result.withUnsafeMutableBytes { bytes in
            for block in stride(from: 0, to: bytes.count, by: max(blockBytes, 1)) {
                for row in rows {
                    let target = bytes[block + row.to * rowBytes..<block + (row.to + 1) * rowBytes]
                    if let from = row.from {
                        let source = bytes[block + from * rowBytes..<block + (from + 1) * rowBytes]
                        UnsafeMutableRawBufferPointer(rebasing: target)
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source))
                    } else {
                        for index in target.indices { bytes[index] = 0 }
                    }
                }
            }
        }
        return result
    }
}
