import BantamGraph
import BantamTestSupport
import Testing

@Suite struct RemovingChannelsTests {
    @Test(arguments: TinyGraphs.all)
    func `Any channel of any prunable group can be removed`(graph: Graph) throws {
        let types = try ShapeInference(of: graph)
        for group in try ChannelGroups(of: graph).prunable {
            for channel in 0..<group.channelCount {
                let smaller = try graph.removingChannels([ChannelRemoval(group, channels: [channel])])
                smaller.checkInvariants()
                try Verifier.verify(smaller)
                #expect(try ShapeInference(of: smaller)[smaller.outputs[0]] == types[graph.outputs[0]])
                #expect(try Self.parameters(smaller) < Self.parameters(graph))
            }
        }
    }

    @Test(arguments: TinyGraphs.all)
    func `All groups can be reduced to one channel at once`(graph: Graph) throws {
        let groups = try ChannelGroups(of: graph)
        let smaller = try graph.removingChannels(
            groups.prunable.map { ChannelRemoval($0, channels: 1..<$0.channelCount) })
        try Verifier.verify(smaller)
        for producer in groups.prunable.compactMap(\.producers.first) {
            let kept = try #require(smaller.constants[producer.value]).shape[producer.axis]
            // Several groups may share a weight: the parts of a split, or of a concatenation.
            let left = groups.groups.flatMap { group in
                group.producers.filter { ($0.value, $0.axis) == (producer.value, producer.axis) }
                    .map { group.isPrunable ? $0.indices(of: 0).count : $0.indices.count }
            }
            #expect(kept == left.reduce(0, +))
        }
    }

    @Test func `The remaining numbers are those of the remaining channels`() throws {
        let graph = TinyGraphs.chain()
        let group = try ChannelGroups(of: graph).groups[0]
        let smaller = try graph.removingChannels([ChannelRemoval(group, channels: [0, 2, 5])])
        for name in ["conv1.weight", "conv1.bias", "norm1.running_var"] {
            let (whole, cut) = (try #require(graph.constant(named: name)), try #require(smaller.constant(named: name)))
            let row = whole.elementCount / 6
            let kept: [Float] = [1, 3, 4].flatMap { (channel: Int) in
                whole.floats[channel * row..<(channel + 1) * row]
            }
            #expect(cut.floats == kept)
        }
        let (whole, cut) = (
            try #require(graph.constant(named: "conv2.weight")), try #require(smaller.constant(named: "conv2.weight"))
        )
        #expect(cut.shape == [4, 3, 3, 3])
        #expect(Array(cut.floats[0..<9]) == Array(whole.floats[9..<18]))
    }

    @Test func `A depthwise convolution has as many groups as channels left`() throws {
        let smaller = try removing([1, 2], ofGroup: 0, from: TinyGraphs.depthwise())
        #expect(smaller.node(named: "depthwise")?.attributes["group"] == .int(4))
        #expect(smaller.constant(named: "depthwise.weight")?.shape == [4, 1, 3, 3])
    }

    @Test func `A grouped convolution keeps its groups`() throws {
        let smaller = try removing([0], ofGroup: 1, from: TinyGraphs.grouped())
        #expect(smaller.node(named: "grouped")?.attributes["group"] == .int(2))
        #expect(smaller.constant(named: "grouped.weight")?.shape == [4, 4, 3, 3])
    }

    @Test func `Parts of a split that become unequal are listed`() throws {
        let smaller = try removing([0, 3], ofGroup: 0, from: TinyGraphs.split())
        let split = try #require(smaller.node(named: "split"))
        #expect(smaller.constant(1, of: split)?.ints == [2, 4])
    }

    @Test func `Targets of reshapes name the sizes that are left`() throws {
        let smaller = try removing([1], ofGroup: 1, from: TinyGraphs.channelShuffle())
        #expect(smaller.constant(named: "shuffle.groups.shape")?.ints == [0, 2, 2, 8, 8])
        #expect(smaller.constant(named: "shuffle.shape")?.ints == [0, 4, 8, 8])
    }

    @Test func `A target that two reshapes share is changed for one only`() throws {
        var build = GraphBuilder(name: "shared")
        let input = build.input("x", .float32, ["N", 4, 2, 2])
        let target = build.ints("target", [0, 4, 4])
        let plain = build.node("Reshape", [input, target], name: "plain")
        let conv = build.layer("Conv", input, "conv", [4, 4, 1, 1])
        let second = build.node("Reshape", [conv, target], name: "second")
        build.output(plain, name: "a")
        build.output(build.classifier(second), name: "b")
        let smaller = try removing([0], ofGroup: 0, from: build.graph)
        let nodes = (try #require(smaller.node(named: "plain")), try #require(smaller.node(named: "second")))
        #expect(smaller.constant(1, of: nodes.0)?.ints == [0, 4, 4])
        #expect(smaller.constant(1, of: nodes.1)?.ints == [0, 3, 4])
    }

    @Test func `Integers of eight and of four bits are cut as well`() throws {
        let nibbles: [UInt8] = [0x21, 0x43, 0x65, 0x87, 0x09]  // rows 1 2 3, 4 5 6, 7 8 9
        let packed = TensorData(
            TensorType(.int4, [3, 3]), storage: nibbles.withUnsafeBytes { TensorStorage(copying: $0) })
        let rows = packed.selecting([0, 2], alongAxis: 0)
        #expect(rows.withUnsafeBytes(Array.init) == [0x21, 0x73, 0x98])
        let bytes = TensorData([2, 3], [1, 2, 3, 4, 5, 6] as [Int8])
        #expect(bytes.selecting([2, 0], alongAxis: 1).elements(of: Int8.self) == [3, 1, 6, 4])
    }

    // MARK: Refusals

    @Test func `A group at the model's output is refused with the reason`() throws {
        let graph = TinyGraphs.chain()
        let group = try #require(try ChannelGroups(of: graph).groups.last)
        let error = #expect(throws: GraphError.self) {
            try graph.removingChannels([ChannelRemoval(group, channels: [0])])
        }
        #expect(error?.code == .channelsNotRemovable)
        #expect(error?.message.contains("output is an output of the model") == true)
    }

    @Test func `At least one channel must stay, and only existing ones can go`() throws {
        let graph = TinyGraphs.chain()
        let group = try ChannelGroups(of: graph).groups[0]
        for channels in [Array(0..<6), [6], [-1]] {
            let error = #expect(throws: GraphError.self) {
                try graph.removingChannels([ChannelRemoval(group, channels: channels)])
            }
            #expect(error?.code == .channelsNotRemovable)
        }
    }

    @Test func `A size computed inside the model is reported, not overlooked`() throws {
        var build = GraphBuilder(name: "computed")
        let input = build.input("x", .float32, ["N", 3, 2, 2])
        let conv = build.layer("Conv", input, "conv", [4, 3, 1, 1])
        let target = build.node("Add", [build.ints("a", [0, 8, 0]), build.ints("b", [0, -4, 4])], name: "target")
        let rows = build.node("Reshape", [conv, target], name: "rows")
        build.output(build.classifier(rows), name: "y")
        let group = try ChannelGroups(of: build.graph).groups[0]
        let error = #expect(throws: GraphError.self) {
            try build.graph.removingChannels([ChannelRemoval(group, channels: [0])])
        }
        #expect(error?.location?.node == "rows (Reshape)")
        var folded = build.graph
        try Passes.inference.run(on: &folded)
        #expect(try removing([0], ofGroup: 0, from: folded).constant(named: "conv.weight")?.shape == [3, 3, 1, 1])
    }

    private func removing(_ channels: [Int], ofGroup index: Int, from graph: Graph) throws -> Graph {
        let group = try ChannelGroups(of: graph).groups[index]
        return try graph.removingChannels([ChannelRemoval(group, channels: channels)])
    }

    private static func parameters(_ graph: Graph) throws -> Int { try CostAnalysis(of: graph).total.parameters }
}

extension GraphBuilder {
    /// Averages `[N, 4, L]` over its last axis and makes two scores of it.
    fileprivate mutating func classifier(_ x: ValueID) -> ValueID {
        let mean = node("ReduceMean", [x], name: "mean", attributes: ["axes": .ints([2]), "keepdims": .int(0)])
        return layer("Gemm", mean, "classifier", [2, 4], ["transB": .int(1)])
    }
}
