import BantamGraph
import BantamModel
import BantamNetwork
import BantamPruning
import BantamTestSupport
import FoundationEssentials
import Testing

@Suite struct StructuredPruningTests {
    private typealias Configuration = StructuredPruning.Configuration

    /// 480,500 MACs in groups of 10, 20 and 50 channels; the classes cannot be pruned.
    private func simpleCNN() throws -> Graph {
        try Architectures.variant(named: "simple_cnn").graph(weights: .random(seed: 1))
    }

    /// A pointwise convolution to channels of the given magnitudes, and one that reads them evenly.
    private func layered(_ magnitudes: [Float]) -> Graph {
        var build = GraphBuilder(name: "layered")
        let input = build.input("input", .float32, ["N", 1, 4, 4])
        let hidden = build.convolution(input, "first", weight: TensorData([magnitudes.count, 1, 1, 1], magnitudes))
        let even = TensorData([2, magnitudes.count, 1, 1], [Float](repeating: 1, count: 2 * magnitudes.count))
        build.output(build.convolution(hidden, "second", weight: even), name: "output")
        return build.graph
    }

    @Test(arguments: [0.9, 0.75, 0.5, 0.25, 0.1])
    func `MACs come to the target or a channel below it`(remaining: Double) throws {
        let graph = try simpleCNN()
        let plan = try StructuredPruning.plan(for: graph, Configuration(.macs(remaining)))
        #expect(plan.before == 480_500)
        let target = (480_500 * remaining).rounded(.down)
        #expect(plan.after <= target)
        // The dearest channel, of the first convolution, has 24 * 24 * 25 MACs and causes 8 * 8 * 25 * 20 more.
        #expect(plan.after > target - 46_400)
        #expect(plan.obstacles.count == 1 && plan.obstacles[0].contains("logits is an output of the model"))
    }

    @Test func `Whole heads go where they are asked for`() throws {
        let before = TinyGraphs.attention()
        let limits = PruningLimits(protectedLayers: ["embed"])
        let plan = try StructuredPruning.plan(
            for: before, Configuration(.macs(0.7), limits: limits, attention: .heads))
        #expect(plan.attention == .heads)
        #expect(plan.groups.map(\.channels) == [2] && plan.groups.map(\.removed.count) == [1])
        var graph = before
        try StructuredPruning.apply(plan, to: &graph)
        #expect(graph.constant(named: "query.weight")?.shape == [12, 6])
        #expect(graph.constant(named: "out.weight")?.shape == [6, 12])
        #expect(try graph.run(graph.sampleInputs())[0].shape == [2, 3])
        // The same channels mean something else where features are numbered.
        var other = plan
        other.attention = .headDimensions
        #expect(throws: CompressionError.self) {
            var graph = before
            try StructuredPruning.apply(other, to: &graph)
        }
    }

    @Test func `A head counts as its features where multiples of channels are kept`() throws {
        // Two heads of 6 features: one of them is a multiple of 3, but not of 4.
        func removed(multiple: Int) throws -> [Int] {
            let limits = PruningLimits(channelMultiple: multiple, protectedLayers: ["embed"])
            return try StructuredPruning.plan(
                for: TinyGraphs.attention(), Configuration(.macs(0.7), limits: limits, attention: .heads)
            ).groups.map(\.removed.count)
        }
        #expect(try removed(multiple: 3) == [1])
        #expect(errorText { _ = try removed(multiple: 4) }.contains("without multiples of 4"))
    }

    @Test func `A configuration stored before heads could be chosen is read`() throws {
        let configuration = Configuration(.macs(0.5), criterion: "l2", normalizer: .mean, scope: .local)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(configuration), as: UTF8.self)
        let older = text.replacing(#""attention":"head-dimensions","#, with: "")
        #expect(older != text)
        #expect(try JSONDecoder().decode(Configuration.self, from: Data(older.utf8)) == configuration)
        #expect(try throughJSON(Configuration(.macs(0.5), attention: .heads)).attention == .heads)
    }

    @Test(arguments: [0.9, 0.5, 0.1], ["l1", "l2", "random"])
    func `Applied, a plan gives the MACs it promised`(remaining: Double, criterion: String) throws {
        let before = try simpleCNN()
        let plan = try StructuredPruning.plan(
            for: before, Configuration(.macs(remaining), criterion: criterion))
        var graph = before
        try StructuredPruning.apply(plan, to: &graph)
        graph.checkInvariants()
        #expect(Double(try graph.macs) == plan.after)
        #expect(try graph.run(graph.sampleInputs())[0].shape == [2, 10])
        for group in plan.groups {
            #expect(group.removed == group.removed.sorted() && Set(group.removed).count == group.removed.count)
            #expect(group.removed.allSatisfy { (0..<group.channels).contains($0) })
        }
    }

    @Test func `A plan for another graph is refused, and the graph is left unchanged`() throws {
        let plan = try StructuredPruning.plan(for: simpleCNN(), Configuration(.macs(0.5)))
        var graph = TinyGraphs.chain()
        let before = graph
        #expect(errorCode { try StructuredPruning.apply(plan, to: &graph) } == .planMismatch)
        #expect(graph == before)
    }

    @Test(arguments: TinyGraphs.names)
    func `Every pattern of coupled channels loses MACs and still runs`(name: String) throws {
        var graph = try #require(TinyGraphs.named(name))
        let output = try graph.run(graph.sampleInputs())[0]
        let plan = try StructuredPruning.plan(for: graph, Configuration(.macs(0.8)))
        try StructuredPruning.apply(plan, to: &graph)
        graph.checkInvariants()
        #expect(Double(try graph.macs) == plan.after)
        #expect(plan.after <= 0.8 * plan.before)
        let smaller = try graph.run(graph.sampleInputs())[0]
        #expect(smaller.type == output.type && smaller.elements(of: Float.self).allSatisfy(\.isFinite))
    }

    @Test func `A plan is pure, repeats itself and survives JSON`() throws {
        let graph = try simpleCNN()
        let copy = graph
        let configuration = Configuration(.macs(0.5))
        let plan = try StructuredPruning.plan(for: graph, configuration)
        #expect(graph == copy)
        #expect(try StructuredPruning.plan(for: graph, configuration) == plan)
        #expect(try throughJSON(plan) == plan)
        #expect(try throughJSON(configuration) == configuration)
    }

    @Test func `The channels with the lowest scores go`() throws {
        let graph = layered([4, -1, 3, 2, -8])
        let plan = try StructuredPruning.plan(for: graph, Configuration(.macs(0.4)))
        #expect(plan.groups.map(\.removed) == [[1, 2, 3]])
        #expect(plan.groups[0].label == "first (Conv)" && plan.groups[0].channels == 5)
        var smaller = graph
        try StructuredPruning.apply(plan, to: &smaller)
        #expect(smaller.numbers("first.weight") == [4, -8])
        #expect(smaller.constant(named: "second.weight")?.shape == [2, 2, 1, 1])
    }

    @Test func `The most important channel is the one that stays last`() throws {
        let graph = layered([-8, 4, -1, 3, 2])
        let plan = try StructuredPruning.plan(for: graph, Configuration(.macs(0.2)))
        #expect(plan.groups.map(\.removed) == [[1, 2, 3, 4]])
    }

    @Test func `Of equal channels the first go`() throws {
        let plan = try StructuredPruning.plan(for: layered([1, 1, 1, 1]), Configuration(.macs(0.5)))
        #expect(plan.groups.map(\.removed) == [[0, 1]])
    }

    @Test(arguments: [2, 4, 8])
    func `What stays is a multiple of what the hardware likes`(multiple: Int) throws {
        let graph = try simpleCNN()
        let plan = try StructuredPruning.plan(
            for: graph, Configuration(.macs(0.5), limits: PruningLimits(channelMultiple: multiple)))
        #expect(plan.after <= 240_250)
        #expect(!plan.groups.isEmpty)
        for group in plan.groups {
            let kept = group.channels - group.removed.count
            #expect(kept > 0 && kept.isMultiple(of: multiple), "\(group.label): \(kept)")
        }
    }

    @Test func `No group loses more than the largest cut`() throws {
        let configuration = Configuration(.macs(0.6), limits: PruningLimits(largestCut: 0.3))
        let plan = try StructuredPruning.plan(for: try simpleCNN(), configuration)
        for group in plan.groups { #expect(group.removed.count <= group.channels * 3 / 10) }
        #expect(plan.groups.contains { $0.removed.count == $0.channels * 3 / 10 })
    }

    @Test func `All the MACs may stay`() throws {
        let before = try simpleCNN()
        let plan = try StructuredPruning.plan(for: before, Configuration(.macs(1)))
        #expect(plan.groups.isEmpty && plan.after == plan.before)
        var after = before
        try StructuredPruning.apply(plan, to: &after)
        #expect(after.constants == before.constants)
    }
}

@Suite struct StructuredPruningErrorTests {
    private typealias Configuration = StructuredPruning.Configuration

    @Test func `A target that cannot be reached is refused with what can be`() throws {
        let graph = try Architectures.variant(named: "simple_cnn").graph()
        let configuration = Configuration(.macs(0.001))
        #expect(errorCode { _ = try StructuredPruning.plan(for: graph, configuration) } == .unreachableTarget)
        // A tenth of the channels: 24 * 24 * 25 + 8 * 8 * 25 * 2 + 2 * 16 * 5 + 5 * 10 MACs.
        #expect(
            errorText { _ = try StructuredPruning.plan(for: graph, configuration) } == """
                The model has 480500 MACs and cannot be pruned to 480: with the fewest channels allowed it still has \
                17810; raise the target, or loosen what binds: it could reach 16026 without the largest cut of 0.9.
                """)
    }

    @Test func `A model whose channels are all its output's says so`() {
        var build = GraphBuilder(name: "output only")
        let input = build.input("input", .float32, ["N", 2, 4, 4])
        let weight = TensorData(zeros: TensorType(.float32, [3, 2, 1, 1]))
        build.output(build.convolution(input, "conv", weight: weight), name: "scores")
        let graph = build.graph
        #expect(
            errorCode { _ = try StructuredPruning.plan(for: graph, Configuration(.macs(0.5))) }
                == .nothingToCompress)
        #expect(
            errorText { _ = try StructuredPruning.plan(for: graph, Configuration(.macs(0.5))) }
                == "No channel of the model can be removed: conv (Conv): scores is an output of the model.")
    }

    @Test func `A model pruned to one channel has nothing left to give`() {
        var build = GraphBuilder(name: "narrow")
        let input = build.input("input", .float32, ["N", 2, 4, 4])
        let hidden = build.convolution(input, "first", weight: TensorData([1, 2, 1, 1], [1, 2] as [Float]))
        let output = build.convolution(hidden, "second", weight: TensorData([2, 1, 1, 1], [1, 2] as [Float]))
        build.output(output, name: "output")
        let graph = build.graph
        let text = errorText { _ = try StructuredPruning.plan(for: graph, Configuration(.macs(0.5))) }
        #expect(text.contains("first (Conv): it is a single channel"))
    }

    @Test func `A cut too small for any group is named as the reason`() throws {
        let graph = TinyGraphs.chain()
        let configuration = Configuration(.macs(0.9), limits: PruningLimits(largestCut: 0.1))
        #expect(errorCode { _ = try StructuredPruning.plan(for: graph, configuration) } == .unreachableTarget)
        let text = errorText { _ = try StructuredPruning.plan(for: graph, configuration) }
        #expect(text.contains("it could reach 1875 without the largest cut of 0.1"), "\(text)")
        // Where another group has room, the plan says it.
        let plan = try StructuredPruning.plan(
            for: graph, Configuration(.macs(0.9), limits: PruningLimits(largestCut: 0.2)))
        #expect(plan.obstacles.contains("conv2 (Conv): a largest cut of 0.2 leaves all of its 4 channels"))
    }

    @Test(arguments: [0, -0.5, 1.01, .nan, .infinity])
    func `A target without meaning is refused`(remaining: Double) {
        let configuration = Configuration(.macs(remaining))
        #expect(errorCode { _ = try StructuredPruning.plan(for: TinyGraphs.chain(), configuration) } == .invalidTarget)
        #expect(
            errorText { _ = try StructuredPruning.plan(for: TinyGraphs.chain(), configuration) }.contains(
                "\(remaining)"))
    }

    @Test(arguments: [-0.1, 1.5, .nan, .infinity])
    func `A largest cut without meaning is refused`(cut: Double) {
        let configuration = Configuration(.macs(0.5), limits: PruningLimits(largestCut: cut))
        #expect(errorCode { _ = try StructuredPruning.plan(for: TinyGraphs.chain(), configuration) } == .invalidTarget)
    }

    @Test func `An unknown criterion and damaged weights are refused`() {
        let unknown = Configuration(.macs(0.5), criterion: "magic")
        #expect(errorCode { _ = try StructuredPruning.plan(for: TinyGraphs.chain(), unknown) } == .unknownName)
        var damaged = TinyGraphs.chain()
        damaged.setNumbers("conv2.weight") { $0 == 0 ? .nan : $1 }
        let graph = damaged
        #expect(
            errorText { _ = try StructuredPruning.plan(for: graph, Configuration(.macs(0.5))) }
                .contains("conv2.weight"))
    }

    @Test(arguments: [(0.5, false), (0.1, true)])
    func `No layer loses more than six tenths unless the target asks for it`(
        share: Double, needsMore: Bool
    ) throws {
        let variant = try Architectures.variant(named: "cifar_resnet20")
        let graph = variant.graph(classCount: 10, weights: .random(seed: 1))
        let plan = try StructuredPruning.plan(for: graph, Configuration(.macs(share)))
        #expect(plan.after <= share * plan.before)
        #expect(plan.groups.contains { Double($0.removed.count) > 0.6 * Double($0.channels) } == needsMore)
        #expect(plan.groups.allSatisfy { Double($0.removed.count) <= 0.9 * Double($0.channels) })
    }
}
