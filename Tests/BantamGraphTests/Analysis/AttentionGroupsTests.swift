import BantamGraph
import BantamTestSupport
import Testing

/// What goes together in attention layers.
@Suite struct AttentionGroupsTests {
    @Test func `Attention: queries go with keys, values with the output, all heads alike`() throws {
        let graph = TinyGraphs.attention()
        try expectGroups(
            graph,
            """
            embed (Conv): 12
              produced by embed.weight.0 embed.bias.0 out.weight.1
              consumed by query.weight.0 key.weight.0 value.weight.0 classifier.weight.1
            query (MatMul): 6
              produced by query.weight.1 key.weight.1
            value (MatMul): 6
              produced by value.weight.1
              consumed by out.weight.0
            """, ignoringObstacles: true)
        #expect(try channelIndices(graph, group: 1, "query.weight").first == [0, 6])
    }

    @Test func `Attention: whole heads go from queries, keys and values, and from what reads them`() throws {
        let graph = TinyGraphs.attention()
        try expectGroups(
            graph,
            """
            embed (Conv): 12
              produced by embed.weight.0 embed.bias.0 out.weight.1
              consumed by query.weight.0 key.weight.0 value.weight.0 classifier.weight.1
            query (MatMul): 2
              produced by query.weight.1 key.weight.1 value.weight.1
              consumed by out.weight.0
            """, ignoringObstacles: true, attention: .heads)
        #expect(try channelIndices(graph, group: 1, "value.weight", .heads) == [Array(0..<6), Array(6..<12)])
    }

    @Test func `Attention in windows: heads have a third of one layer each, a scale and places`() throws {
        let graph = TinyGraphs.windowAttention()
        try expectGroups(
            graph,
            """
            embed (Conv): 12
              produced by embed.weight.0 embed.bias.0 out.weight.1
              consumed by qkv.weight.0 classifier.weight.1
            qkv (MatMul): 2
              produced by qkv.weight.1
              carried by qkv.bias.0 scale.0 places.1
              consumed by out.weight.0
            """, ignoringObstacles: true, attention: .heads)
        #expect(
            try channelIndices(graph, group: 1, "qkv.weight", .heads)[1]
                == [6..<12, 18..<24, 30..<36].flatMap(Array.init))
        #expect(try ChannelGroups(of: graph).prunable.map(\.channelCount) == [12, 6])
    }

    @Test(arguments: [false, true])
    func `Heads that share an axis with the batch are found`(isUnfolded: Bool) throws {
        let graph = TinyGraphs.batchedAttention(isUnfolded: isUnfolded)
        #expect(try ChannelGroups(of: graph).prunable.map(\.channelCount) == [12, 4, 4])
        let heads = try ChannelGroups(of: graph, attention: .heads).prunable
        #expect(heads.map(\.channelCount) == [12, 3])
        let smaller = try graph.removingChannels([ChannelRemoval(heads[1], channels: [1])])
        #expect(smaller.constant(named: "query.weight")?.shape == [12, 8])
        #expect(smaller.constant(named: "out.weight")?.shape == [8, 12])
    }

    @Test func `A channel shuffle has no heads`() throws {
        let graph = TinyGraphs.channelShuffle()
        #expect(try ChannelGroups(of: graph, attention: .heads).groups == ChannelGroups(of: graph).groups)
    }
}
