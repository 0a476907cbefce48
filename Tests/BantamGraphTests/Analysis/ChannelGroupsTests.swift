import BantamGraph
import BantamTestSupport
import Testing

@Suite struct ChannelGroupsTests {
    @Test func `A chain: each layer's channels go with its norm and the next layer's inputs`() throws {
        try expectGroups(
            TinyGraphs.chain(),
            """
            conv1 (Conv): 6
              produced by conv1.weight.0 conv1.bias.0
              carried by norm1.weight.0 norm1.bias.0 norm1.running_mean.0 norm1.running_var.0
              consumed by conv2.weight.1
            conv2 (Conv): 4
              produced by conv2.weight.0 conv2.bias.0
              carried by norm2.weight.0 norm2.bias.0 norm2.running_mean.0 norm2.running_var.0
              consumed by classifier.weight.1
            classifier (Gemm): 3, but output is an output of the model
              produced by classifier.weight.0 classifier.bias.0
            """)
    }

    @Test func `A residual sum couples the layers that feed it`() throws {
        try expectGroups(
            TinyGraphs.residual(),
            """
            stem (Conv): 4
              produced by stem.weight.0 stem.bias.0 conv2.weight.0 conv2.bias.0
              consumed by conv1.weight.1 classifier.weight.1
            conv1 (Conv): 6
              produced by conv1.weight.0 conv1.bias.0
              consumed by conv2.weight.1
            """, ignoringObstacles: true)
    }

    @Test func `Concatenated channels stand at offsets in the reader`() throws {
        let graph = TinyGraphs.concat()
        try expectGroups(
            graph,
            """
            left (Conv): 4
              produced by left.weight.0 left.bias.0
              consumed by conv.weight.1
            right (Conv): 2
              produced by right.weight.0 right.bias.0
              consumed by conv.weight.1
            conv (Conv): 5
              produced by conv.weight.0 conv.bias.0
              consumed by classifier.weight.1
            """, ignoringObstacles: true)
        #expect(try channelIndices(graph, group: 1, "conv.weight") == [[4], [5]])
    }

    @Test func `Through cascaded concatenations a channel is read at each level`() throws {
        let graph = TinyGraphs.cascadedConcat()
        try expectGroups(
            graph,
            """
            conv1 (Conv): 4
              produced by conv1.weight.0 conv1.bias.0
              consumed by conv2.weight.1 conv3.weight.1 classifier.weight.1
            conv2 (Conv): 3
              produced by conv2.weight.0 conv2.bias.0
              consumed by conv3.weight.1 classifier.weight.1
            conv3 (Conv): 2
              produced by conv3.weight.0 conv3.bias.0
              consumed by classifier.weight.1
            """, ignoringObstacles: true)
        #expect(try channelIndices(graph, group: 1, "classifier.weight") == [[4], [5], [6]])
        #expect(try channelIndices(graph, group: 2, "classifier.weight") == [[7], [8]])
    }

    @Test func `A split divides a layer's channels into two groups`() throws {
        let graph = TinyGraphs.split()
        try expectGroups(
            graph,
            """
            stem (Conv): 4
              produced by stem.weight.0 stem.bias.0
              consumed by left.weight.1
            stem (Conv): 4
              produced by stem.weight.0 stem.bias.0
              consumed by right.weight.1
            left (Conv): 5
              produced by left.weight.0 left.bias.0 right.weight.0 right.bias.0
              consumed by classifier.weight.1
            """, ignoringObstacles: true)
        #expect(try channelIndices(graph, group: 1, "stem.weight") == [[4], [5], [6], [7]])
        #expect(try channelIndices(graph, group: 1, "right.weight") == [[0], [1], [2], [3]])
    }

    @Test func `A channel shuffle couples the channels that meet in a group`() throws {
        let graph = TinyGraphs.channelShuffle()
        try expectGroups(
            graph,
            """
            stem (Conv): 4
              produced by stem.weight.0 stem.bias.0
              consumed by conv1.weight.1
            conv1 (Conv): 2
              produced by conv1.weight.0 conv1.bias.0
              consumed by conv2.weight.1
            conv2 (Conv): 4
              produced by conv2.weight.0 conv2.bias.0
              consumed by classifier.weight.1
            """, ignoringObstacles: true)
        #expect(try channelIndices(graph, group: 1, "conv1.weight") == [[0, 2, 4, 6], [1, 3, 5, 7]])
        #expect(try channelIndices(graph, group: 1, "conv2.weight") == [[0, 1], [2, 3]])
    }

    @Test func `A depthwise convolution carries channels`() throws {
        try expectGroups(
            TinyGraphs.depthwise(),
            """
            expand (Conv): 6
              produced by expand.weight.0 expand.bias.0
              carried by depthwise.weight.0 depthwise.bias.0 norm.weight.0 norm.bias.0 norm.running_mean.0 \
            norm.running_var.0
              consumed by project.weight.1
            project (Conv): 4
              produced by project.weight.0 project.bias.0
              consumed by classifier.weight.1
            """, ignoringObstacles: true)
    }

    @Test func `A grouped convolution loses one channel of each group at a time`() throws {
        let graph = TinyGraphs.grouped()
        #expect(try channelIndices(graph, group: 0, "stem.weight") == [[0, 4], [1, 5], [2, 6], [3, 7]])
        #expect(try channelIndices(graph, group: 0, "grouped.weight") == [[0], [1], [2], [3]])
        #expect(try channelIndices(graph, group: 1, "grouped.weight") == [[0, 3], [1, 4], [2, 5]])
    }

    @Test func `A flattened channel is a block of a linear layer's inputs`() throws {
        let graph = TinyGraphs.flattenToLinear()
        let blocks = try channelIndices(graph, group: 0, "linear1.weight")
        #expect(blocks == (0..<4).map { Array($0 * 16..<($0 + 1) * 16) })
    }

    @Test func `Squeeze-and-excite gates go with the channels they scale`() throws {
        try expectGroups(
            TinyGraphs.squeezeExcite(),
            """
            conv (Conv): 6
              produced by conv.weight.0 conv.bias.0 expand.weight.0 expand.bias.0
              consumed by reduce.weight.1 classifier.weight.1
            reduce (Conv): 2
              produced by reduce.weight.0 reduce.bias.0
              consumed by expand.weight.1
            """, ignoringObstacles: true)
    }

    @Test func `Clips: pathways are joined along channels only`() throws {
        try expectGroups(
            TinyGraphs.twoPathwayVideo(),
            """
            slow.conv1 (Conv): 6
              produced by slow.conv1.weight.0 slow.conv1.bias.0
              consumed by slow.conv2.weight.1
            fast.conv1 (Conv): 2
              produced by fast.conv1.weight.0 fast.conv1.bias.0
              consumed by lateral.weight.1 fast.conv2.weight.1
            lateral (Conv): 4
              produced by lateral.weight.0 lateral.bias.0
              consumed by slow.conv2.weight.1
            slow.conv2 (Conv): 5
              produced by slow.conv2.weight.0 slow.conv2.bias.0
              consumed by classifier.weight.1
            fast.conv2 (Conv): 3
              produced by fast.conv2.weight.0 fast.conv2.bias.0
              consumed by classifier.weight.1
            """, ignoringObstacles: true)
    }

    @Test func `A shared weight couples what goes in with what comes out`() throws {
        try expectGroups(
            TinyGraphs.sharedWeight(),
            """
            stem (Conv): 4
              produced by stem.weight.0 stem.bias.0 shared.weight.0
              consumed by shared.weight.1 classifier.weight.1
            """, ignoringObstacles: true)
    }

    @Test func `A branch that nothing reads is coupled all the same`() throws {
        let groups = try ChannelGroups(of: TinyGraphs.unusedOutput())
        #expect(groups.prunable.map(\.label) == ["stem (Conv)", "stem (Conv)", "auxiliary (Conv)"])
    }

    // MARK: Weights in other forms

    @Test func `A quantized weight's scales and zero points go with its channels`() throws {
        var build = GraphBuilder(name: "quantized")
        let input = build.input("x", .float32, ["N", 4])
        let weight = build.constant("w", TensorData([3, 4], (0..<12).map { Int8($0) }))
        let scale = build.constant("w.scale", Samples.tensor([3]))
        let zero = build.constant("w.zero", TensorData([3], [0, 0, 0] as [Int8]))
        let real = build.node("DequantizeLinear", [weight, scale, zero], name: "dq", attributes: ["axis": .int(0)])
        let hidden = build.node("Gemm", [input, real], name: "fc1", attributes: ["transB": .int(1)])
        build.output(build.layer("Gemm", hidden, "fc2", [2, 3], ["transB": .int(1)]), name: "y")
        try expectGroups(
            build.graph,
            """
            fc1 (Gemm): 3
              produced by w.0 w.scale.0 w.zero.0
              consumed by fc2.weight.1
            """, ignoringObstacles: true)
    }

    @Test func `A weight behind a transpose is followed through it`() throws {
        var build = GraphBuilder(name: "transposed")
        let input = build.input("x", .float32, ["N", 4])
        let weight = build.constant("w", Samples.tensor([3, 4]))
        let turned = build.node("Transpose", [weight], name: "turn", attributes: ["perm": .ints([1, 0])])
        let hidden = build.node("MatMul", [input, turned], name: "fc1")
        build.output(build.layer("Gemm", hidden, "fc2", [2, 3], ["transB": .int(1)]), name: "y")
        try expectGroups(
            build.graph,
            """
            fc1 (MatMul): 3
              produced by w.0
              consumed by fc2.weight.1
            """, ignoringObstacles: true)
    }

    // MARK: Obstacles

    @Test func `Paths that part and meet in front of a sum are gone once`() throws {
        var build = GraphBuilder(name: "doubling")
        let input = build.input("input", .float32, ["N", 3, 4, 4])
        let weight = build.constant("weight", TensorData(zeros: TensorType(.float32, [4, 3, 1, 1])))
        var x = build.node("Conv", [input, weight], name: "conv")
        // Two to the power of thirty ways back.
        for step in 0..<30 { x = build.node("Add", [x, x], name: "double\(step)") }
        let sum = build.node("ReduceSum", [x, build.constant("axes", TensorData([1], [1] as [Int64]))], name: "sum")
        build.output(sum, name: "y")
        #expect(try ChannelGroups(of: build.graph).groups.map(\.obstacle) == [nil])
    }

    @Test func `A model that is down to one channel is told so, though axes of size 1 fall away`() throws {
        var build = GraphBuilder(name: "narrow")
        let input = build.input("input", .float32, ["N", 3, 4, 4])
        let weight = build.constant("weight", TensorData(zeros: TensorType(.float32, [1, 3, 1, 1])))
        let pooled = build.node("GlobalAveragePool", [build.node("Conv", [input, weight], name: "conv")])
        let flat = build.node("Flatten", [pooled])  // [N, 1]
        let head = build.constant("head", TensorData(zeros: TensorType(.float32, [1, 2])))
        build.output(build.node("MatMul", [flat, head], name: "fc"), name: "logits")
        let groups = try ChannelGroups(of: build.graph).groups
        #expect(groups.first?.label == "conv (Conv)")
        #expect(groups.first?.obstacle == "it is a single channel")
    }

    @Test func `A softmax over channels stops pruning, with a reason`() throws {
        var build = GraphBuilder(name: "softmax")
        let input = build.input("x", .float32, ["N", 3, 8, 8])
        let conv = build.layer("Conv", input, "conv", [4, 3, 1, 1])
        let softmax = build.node("Softmax", [conv], name: "softmax", attributes: ["axis": .int(1)])
        build.output(build.node("ReduceMean", [softmax], name: "mean", attributes: ["keepdims": .int(0)]), name: "y")
        let group = try #require(try ChannelGroups(of: build.graph).groups.first)
        #expect(!group.isPrunable)
        #expect(group.obstacle == "softmax (Softmax) does not work channel by channel along axis 1")
    }

    /// Channels of a convolution, then `operators` one by one, then a sum over all channels.
    private func summed(_ operators: [String]) throws -> ChannelGroup {
        var build = GraphBuilder(name: "sum")
        var x = build.layer("Conv", build.input("x", .float32, ["N", 3, 8, 8]), "conv", [4, 3, 1, 1])
        for name in operators { x = build.node(name, [x], name: name) }
        build.output(
            build.node("ReduceSum", [x], name: "sum", attributes: ["axes": .ints([1]), "keepdims": .int(0)]),
            name: "y")
        return try #require(try ChannelGroups(of: build.graph).groups.first)
    }

    @Test func `Channels end in a sum unless zeros have become something else`() throws {
        #expect(try summed([]).isPrunable)
        #expect(try summed(["Relu", "Abs"]).isPrunable)
        #expect(
            try summed(["Exp", "Relu"]).obstacle
                == "sum (ReduceSum): it adds up what Exp (Exp) makes of channels that are zero")
    }

    @Test func `Channels outside of a slice go alone`() throws {
        var build = GraphBuilder(name: "slice")
        let input = build.input("x", .float32, ["N", 3, 8, 8])
        let conv = build.layer("Conv", input, "conv", [4, 3, 1, 1])
        let part = build.node(
            "Slice", [conv, build.ints("starts", [1]), build.ints("ends", [3]), build.ints("axes", [1])], name: "slice")
        build.output(build.node("ReduceMean", [part], name: "mean", attributes: ["keepdims": .int(0)]), name: "y")
        let groups = try ChannelGroups(of: build.graph).prunable
        #expect(groups.map(\.channelCount) == [2])
        #expect(groups[0].producers[0].indices == [0, 3])
    }

    @Test func `Reading the batch size from a shape is no obstacle`() throws {
        var build = GraphBuilder(name: "shape")
        let input = build.input("x", .float32, ["N", 3, 8, 8])
        let conv = build.layer("Conv", input, "conv", [4, 3, 1, 1])
        let batch = build.node("Gather", [build.node("Shape", [conv]), build.ints("zero", [0])])
        let target = build.node("Concat", [batch, build.ints("rest", [-1])], attributes: ["axis": .int(0)])
        let flat = build.node("Reshape", [conv, target], name: "flat")
        build.output(build.layer("Gemm", flat, "fc", [2, 256], ["transB": .int(1)]), name: "y")
        let groups = try ChannelGroups(of: build.graph)
        #expect(groups.prunable.map(\.label) == ["conv (Conv)"])
        let smaller = try build.graph.removingChannels([ChannelRemoval(groups.prunable[0], channels: [1])])
        #expect(smaller.constant(named: "fc.weight")?.shape == [2, 192])
    }

    @Test func `A model whose batch is fixed to one is followed too`() throws {
        var build = GraphBuilder(name: "single")
        let input = build.input("x", .float32, ["N", 3, 2, 2])
        let conv = build.layer("Conv", input, "conv", [4, 3, 1, 1])
        let flat = build.node("Reshape", [conv, build.ints("target", [1, 16])], name: "flat")
        build.output(build.layer("Gemm", flat, "fc", [2, 16], ["transB": .int(1)]), name: "y")
        #expect(try ChannelGroups(of: build.graph).prunable.map(\.label) == ["conv (Conv)"])
    }

    // MARK: Size

    @Test func `Thousands of nodes are grouped without delay`() throws {
        var build = GraphBuilder(name: "deep")
        var x = build.layer("Conv", build.input("x", .float32, ["N", 3, 32, 32]), "stem", [16, 3, 1, 1])
        for index in 0..<750 {
            let inner = build.node("Relu", [build.layer("Conv", x, "a\(index)", [16, 16, 1, 1])], name: "relu\(index)")
            x = build.node("Add", [x, build.layer("Conv", inner, "b\(index)", [16, 16, 1, 1])], name: "add\(index)")
        }
        build.output(build.node("GlobalAveragePool", [x], name: "pool"), name: "y")
        let graph = build.graph
        #expect(graph.nodes.count > 3000)
        let start = ContinuousClock.now
        let groups = try ChannelGroups(of: graph).groups
        #expect(groups.count == 751)
        // A bound on the order of growth; a release build takes a fraction of a second for three times as many.
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}
