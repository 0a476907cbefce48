import BantamGraph
import BantamTestSupport
import Testing

@Suite struct RouteChannelsTests {
    private func routed(_ graph: Graph) throws -> (graph: Graph, result: PassResult) {
        var rewritten = graph
        let result = try RouteChannels().run(on: &rewritten)
        rewritten.checkInvariants()
        try Verifier.verify(rewritten)
        return (rewritten, result)
    }

    /// Eight channels of a convolution, and what `body` makes of them.
    private func model(_ body: (inout GraphBuilder, ValueID) -> ValueID) -> Graph {
        var build = GraphBuilder(name: "model")
        let stem = build.convolution(build.image(3, 8, 8), "stem", from: 3, to: 8)
        let result = body(&build, stem)
        build.output(result, name: "output")
        return build.graph
    }

    @Test func `Units with shuffles behind them read pieces of what others made`() throws {
        let (graph, result) = try routed(TinyGraphs.shuffledUnits())
        #expect(result == PassResult(changes: 3))
        #expect(!graph.operators.contains("Transpose"))
        #expect(!graph.operators.contains("Reshape"))
        let second = try #require(graph.node(named: "unit2"))
        let third = try #require(graph.node(named: "unit3"))
        // Half of what both stems make; then half of the unit before, and a quarter of both stems.
        #expect(try pieces(of: second, in: graph) == ["relu1.out.pieces": 3, "norm.out.pieces": 3])
        let earlier = ["relu1.out.pieces": 1, "norm.out.pieces": 2, "relu2.out.pieces": 3]
        #expect(try pieces(of: third, in: graph) == earlier)
    }

    /// How many channels of which source a layer reads.
    private func pieces(of layer: Node, in graph: Graph) throws -> [String: Int] {
        let types = try ShapeInference(of: graph)
        let joining = try #require(layer.inputs[0].flatMap(graph.producer))
        return try Dictionary(
            uniqueKeysWithValues: joining.inputs.map { piece in
                let piece = try #require(piece)
                return (try #require(graph.producer(of: piece)).name, try #require(types[piece]).shape[1])
            })
    }

    @Test func `A shuffle between two full convolutions leaves nothing behind`() throws {
        let (graph, result) = try routed(
            model { build, stem in
                let shuffled = build.shuffle(build.relu(stem, "relu"), "shuffle", channels: 8, groups: 2)
                return build.head(build.convolution(shuffled, "conv", from: 8, to: 4), channels: 4)
            })
        #expect(result == PassResult(changes: 1))
        #expect(graph.operators == ["Conv", "Relu", "Conv", "GlobalAveragePool", "Flatten", "Gemm"])
    }

    @Test func `A channel that comes first is read from where it lay`() throws {
        let original = model { build, stem in
            let shuffled = build.shuffle(stem, "shuffle", channels: 8, groups: 2)
            return build.head(build.convolution(shuffled, "conv", from: 8, to: 4), channels: 4)
        }
        let graph = try routed(original).graph
        let before = try #require(original.constant(named: "conv.weight"))
        let after = try #require(graph.constant(named: "conv.weight"))
        // The second channel behind the shuffle was the fifth before it.
        #expect(after.selecting([4], alongAxis: 1) == before.selecting([1], alongAxis: 1))
        #expect(graph.constant(named: "stem.weight") == original.constant(named: "stem.weight"))
    }

    @Test func `Parts may be cut by slices`() throws {
        let graph = model { build, stem in
            let shuffled = build.shuffle(stem, "shuffle", channels: 8, groups: 4)
            let parts = [(0, 3), (3, 8)].enumerated().map { index, range in
                let lists = [("starts", range.0), ("ends", range.1), ("axes", 1)].map {
                    build.ints("part\(index).\($0.0)", [$0.1])
                }
                return build.node("Slice", [shuffled] + lists, name: "part\(index)")
            }
            let sum = build.node(
                "Add",
                [
                    build.convolution(parts[0], "left", from: 3, to: 4),
                    build.convolution(parts[1], "right", from: 5, to: 4),
                ], name: "add")
            return build.head(sum, channels: 4)
        }
        let (rewritten, result) = try routed(graph)
        #expect(result.changes == 1)
        #expect(!rewritten.operators.contains("Slice"))
        #expect(rewritten.operators.count { $0 == "Split" } == 1)
    }

    @Test func `Shuffles over time and space go, too`() throws {
        var build = GraphBuilder(name: "video")
        let stem = build.convolution(build.image(3, 2, 4, 4), "stem", from: 3, to: 6, kernel: [1, 3, 3])
        let grouped = build.reshape(stem, "grouped", to: [0, 3, 2, 2, 4, 4])
        let exchanged = build.transpose(grouped, "exchanged", [0, 2, 1, 3, 4, 5])
        let shuffled = build.reshape(exchanged, "shuffled", to: [0, 6, 2, 4, 4])
        let conv = build.convolution(shuffled, "conv", from: 6, to: 4, kernel: [3, 1, 1])
        build.output(build.head(conv, channels: 4), name: "output")
        #expect(try routed(build.graph).result == PassResult(changes: 1))
    }

    @Test func `Without a shuffle nothing is touched`() throws {
        for graph in [TinyGraphs.split(), TinyGraphs.cascadedConcat(), TinyGraphs.slices(), TinyGraphs.attention()] {
            #expect(try routed(graph).result == PassResult())
        }
    }

    @Test func `Where channels are read by place, the shuffle stays and the reason is named`() throws {
        let (graph, result) = try routed(TinyGraphs.channelShuffle())
        #expect(graph == TinyGraphs.channelShuffle())
        #expect(
            result.notes == [
                "shuffle.exchange (Transpose) is left as it is: conv2 (Conv) goes by the place of its channels."
            ])
    }

    @Test func `What the caller sees keeps its order`() throws {
        let shown = model { build, stem in build.shuffle(stem, "shuffle", channels: 8, groups: 2) }
        let (graph, result) = try routed(shown)
        #expect(graph == shown)
        #expect(
            result.notes == [
                "shuffle.exchange (Transpose) is left as it is: output shows its channels to the caller."
            ])
    }

    @Test func `An input that comes out as it is keeps its name`() throws {
        var build = GraphBuilder(name: "wire")
        build.output(build.shuffle(build.image(4, 8, 8), "shuffle", channels: 4, groups: 1), name: "output")
        let (graph, result) = try routed(build.graph)
        #expect(graph == build.graph)
        #expect(result.changes == 0)
    }

    @Test func `An image is not shuffled by its caller`() throws {
        var build = GraphBuilder(name: "input")
        let shuffled = build.shuffle(build.image(4, 8, 8), "shuffle", channels: 4, groups: 2)
        build.output(build.head(build.convolution(shuffled, "conv", from: 4, to: 3), channels: 3), name: "output")
        // What reads it changes its weights instead: the image itself stays in order.
        #expect(try routed(build.graph).result == PassResult(changes: 1))
    }

    @Test func `A sum of what is shuffled and what is not keeps both in order`() throws {
        let graph = model { build, stem in
            let shuffled = build.shuffle(stem, "shuffle", channels: 8, groups: 2)
            let sum = build.node("Add", [stem, shuffled], name: "add")
            return build.head(sum, channels: 8)
        }
        let (rewritten, result) = try routed(graph)
        #expect(rewritten == graph)
        #expect(result.changes == 0)
        #expect(result.notes.count == 1)
    }

    @Test func `Channels that a shuffle tied together can be removed each for itself`() throws {
        func freeChannels(_ graph: Graph) throws -> Int {
            try ChannelGroups(of: graph).prunable.reduce(0) { $0 + $1.channelCount }
        }
        let graph = TinyGraphs.shuffledUnits()
        // What the stems make and the end reads, and the last sum; the others come down to three that stay.
        #expect(try freeChannels(graph) == 3 + 5)
        // Both stems, but for the piece of one channel that each of them has, both units and the last sum.
        #expect(try freeChannels(routed(graph).graph) == 5 + 5 + 6 + 6 + 5)
    }

    @Test func `A slice that cuts large images belongs to no route`() throws {
        var build = GraphBuilder(name: "cut")
        let image = build.input("input", .float32, ["N", 8, "H", "W"])
        let stem = build.convolution(image, "stem", from: 8, to: 8)
        let grouped = build.reshape(stem, "grouped", to: [0, 2, 4, -1, 512])
        let exchanged = build.transpose(grouped, "exchanged", [0, 2, 1, 3, 4])
        let shuffled = build.reshape(exchanged, "shuffled", to: [0, 8, -1, 512])
        let lists = [("starts", 0), ("ends", 512), ("axes", 2)].map { build.ints($0.0, [$0.1]) }
        let cut = build.node("Slice", [shuffled] + lists, name: "cut")
        build.output(build.head(build.convolution(cut, "conv", from: 8, to: 4), channels: 4), name: "output")
        let graph = try routed(build.graph).graph
        #expect(graph.operators.contains("Slice"))
    }

    @Test func `What lies along another axis, too, stays in order`() throws {
        // The columns of one operand are the channels of the other.
        let graph = model { build, stem in
            let halves = build.nodes(
                "Split", [build.shuffle(stem, "shuffle", channels: 8, groups: 2)], name: "split", outputs: 2,
                attributes: ["axis": .int(1)])
            let turned = build.transpose(stem, "turned", [0, 2, 1, 3])
            let joined = build.concat([halves[0], turned], "concat")
            let sum = build.node(
                "Add",
                [
                    build.convolution(joined, "left", from: 12, to: 4),
                    build.convolution(halves[1], "right", from: 4, to: 4),
                ], name: "add")
            return build.head(sum, channels: 4)
        }
        let (rewritten, result) = try routed(graph)
        #expect(rewritten == graph)
        #expect(result.notes.count == 1)
    }

    @Test func `A part without channels changes nothing`() throws {
        let graph = model { build, stem in
            let parts = build.nodes(
                "Split", [build.shuffle(stem, "shuffle", channels: 8, groups: 2), build.ints("sizes", [0, 8])],
                name: "split", outputs: 2, attributes: ["axis": .int(1)])
            let joined = build.concat([build.relu(parts[0], "relu"), parts[1]], "concat")
            return build.head(build.convolution(joined, "conv", from: 8, to: 4), channels: 4)
        }
        let (rewritten, result) = try routed(graph)
        #expect(rewritten == graph)
        #expect(result.notes.count == 1)
    }

    @Test func `A view with height and width exchanged is no shuffle`() throws {
        var build = GraphBuilder(name: "view")
        let image = build.input("input", .float32, ["N", 8, 6, 4])
        let stem = build.convolution(image, "stem", from: 8, to: 8)
        let grouped = build.reshape(stem, "grouped", to: [0, 2, 4, 6, 4])
        let exchanged = build.transpose(grouped, "exchanged", [0, 2, 1, 3, 4])
        let view = build.reshape(exchanged, "view", to: [0, 8, 4, 6])
        build.output(build.head(build.convolution(view, "conv", from: 8, to: 4), channels: 4), name: "output")
        #expect(try routed(build.graph).result == PassResult())
    }

    @Test func `A layer that reads a channel twice keeps the shuffle`() throws {
        let graph = model { build, stem in
            let twice = build.concat([stem, build.shuffle(stem, "shuffle", channels: 8, groups: 2)], "concat")
            return build.head(build.convolution(twice, "conv", from: 16, to: 4), channels: 4)
        }
        let (rewritten, result) = try routed(graph)
        #expect(rewritten == graph)
        #expect(result.notes == ["shuffle.exchange (Transpose) is left as it is: a layer reads a channel twice."])
    }

    @Test func `Zeros that follow a pattern over the channels still do, or the shuffle stays`() throws {
        var graph = model { build, stem in
            let shuffled = build.shuffle(stem, "shuffle", channels: 8, groups: 2)
            return build.head(build.convolution(shuffled, "conv", from: 8, to: 4, kernel: [1, 1]), channels: 4)
        }
        func setRow(_ row: [Float]) throws {
            let weight = try #require(graph.value(named: "conv.weight"))
            graph.setConstant(weight, to: TensorData([4, 8, 1, 1], Array([row, row, row, row].joined())))
        }
        // The only other one that four divides.
        let classifier = try #require(graph.value(named: "classifier.weight"))
        graph.setConstant(classifier, to: TensorData([3, 4], [1, 2, 0, 0, 0, 3, 4, 0, 5, 0, 0, 6] as [Float]))
        try setRow([1, 2, 0, 0, 3, 4, 0, 0])
        #expect(try routed(graph).result.changes == 1)
        // In the order before the shuffle: 1, 2, 3, 4, 0, 0, 0, 0.
        try setRow([1, 0, 2, 0, 3, 0, 4, 0])
        let (unchanged, result) = try routed(graph)
        #expect(unchanged == graph)
        #expect(result.notes.first?.hasSuffix("the zeros of weights would no longer be 2:4.") == true)
    }

    @Test func `A reshape that mixes channels with the image is no shuffle`() throws {
        let graph = model { build, stem in
            let grouped = build.reshape(stem, "grouped", to: [0, 2, 4, 8, 8])
            let exchanged = build.transpose(grouped, "exchanged", [0, 2, 1, 3, 4])
            let wide = build.reshape(exchanged, "wide", to: [0, 4, 16, 8])
            return build.head(build.convolution(wide, "conv", from: 4, to: 4), channels: 4)
        }
        #expect(try routed(graph).result == PassResult())
    }
}
