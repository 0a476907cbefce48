import BantamGraph
import BantamPruning
import BantamTestSupport
import Testing

@Suite struct UnstructuredPruningTests {
    private func zeros(_ graph: Graph) -> Int {
        graph.weightNames.reduce(0) { $0 + graph.numbers($1).count { $0 == 0 } }
    }

    private func count(_ graph: Graph) -> Int { graph.weightNames.reduce(0) { $0 + graph.numbers($1).count } }

    private func pruned(_ graph: Graph, _ sparsity: Double) throws -> (graph: Graph, plan: UnstructuredPruning.Plan) {
        try pruned(graph, .init(sparsity: sparsity))
    }

    private func pruned(
        _ graph: Graph, _ configuration: UnstructuredPruning.Configuration
    ) throws -> (graph: Graph, plan: UnstructuredPruning.Plan) {
        let plan = try UnstructuredPruning.plan(for: graph, configuration)
        var copy = graph
        try UnstructuredPruning.apply(plan, to: &copy)
        copy.checkInvariants()
        return (copy, plan)
    }

    @Test func `A plan for another graph is refused, and the graph is left unchanged`() throws {
        let plan = try UnstructuredPruning.plan(for: TinyGraphs.residual(), .init(sparsity: 0.5))
        var graph = TinyGraphs.depthwise()
        let before = graph
        #expect(errorCode { try UnstructuredPruning.apply(plan, to: &graph) } == .planMismatch)
        #expect(graph == before)
    }

    /// Two linear layers with the given weights.
    private func twoLayers(_ first: [Float], _ second: [Float]) -> Graph {
        var build = GraphBuilder(name: "two layers")
        let input = build.input("input", .float32, ["N", 2])
        let weights = [
            build.constant("first", TensorData([2, first.count / 2], first)),
            build.constant("second", TensorData([first.count / 2, second.count / (first.count / 2)], second)),
        ]
        let hidden = build.node("MatMul", [input, weights[0]], name: "matmul1")
        build.output(build.node("MatMul", [hidden, weights[1]], name: "matmul2"), name: "output")
        return build.graph
    }

    @Test(arguments: TinyGraphs.names, [0, 0.3, 0.8])
    func `Exactly the requested share of the weights becomes zero, and no other number changes`(
        name: String, sparsity: Double
    ) throws {
        let before = try #require(TinyGraphs.named(name))
        let (after, plan) = try pruned(before, sparsity)
        #expect(zeros(after) == Int((Double(count(before)) * sparsity).rounded()))
        #expect(plan.layers.map(\.zeros) == before.weightNames.map { after.numbers($0).count { $0 == 0 } })
        #expect(plan.layers.map(\.count) == before.weightNames.map { before.numbers($0).count })
        for (value, data) in before.constants where !before.weightNames.contains(before[value].name) {
            #expect(after.constants[value] == data, "\(before[value].name)")
        }
        for weight in before.weightNames {
            #expect(zip(before.numbers(weight), after.numbers(weight)).allSatisfy { $1 == 0 || $0 == $1 })
        }
        for layer in plan.layers {
            let kept = after.numbers(layer.weight).filter { $0 != 0 }.map { abs($0) }
            #expect((kept.min() ?? .infinity) >= layer.threshold)
        }
        #expect(plan.exceptions.isEmpty)
        #expect(try throughJSON(plan) == plan)
    }

    @Test func `One threshold holds for the whole model`() throws {
        let (graph, plan) = try pruned(
            twoLayers([1, -2, 3, -4], [10, -20, 0.5, 40]), .init(sparsity: 0.5, scope: .global))
        #expect(graph.numbers("first") == [0, 0, 0, -4] && graph.numbers("second") == [10, -20, 0, 40])
        #expect(plan.layers.map(\.threshold) == [3, 3])
        #expect(plan.layers.map(\.zeros) == [3, 1])
    }

    /// Of the first layer 1 / 30, 4 / 29, 9 / 25 and 1; of the second 0.25 / 2100, 100 / 2100, 400 / 2000 and 1.
    @Test func `Without a scope weights compete by their shares in their layers`() throws {
        let (graph, plan) = try pruned(twoLayers([1, -2, 3, -4], [10, -20, 0.5, 40]), 0.375)
        #expect(graph.numbers("first") == [0, -2, 3, -4] && graph.numbers("second") == [0, -20, 0, 40])
        #expect(plan.layers.map(\.threshold) == [1, 10])
    }

    @Test func `A layer of small weights is not emptied`() throws {
        let before = twoLayers([0.001, -0.002, 0.003, -0.004], [10, -20, 30, 40])
        let (adaptive, _) = try pruned(before, 0.5)
        let (global, _) = try pruned(before, .init(sparsity: 0.5, scope: .global))
        #expect(adaptive.numbers("first").count { $0 == 0 } == 2)
        #expect(global.numbers("first").count { $0 == 0 } == 4)
    }

    @Test func `By layer, each loses its share`() throws {
        var configuration = UnstructuredPruning.Configuration(sparsity: 0.5, scope: .local)
        let (graph, plan) = try pruned(twoLayers([1, -2, 3, -4], [10, -20, 0.5, 40]), configuration)
        #expect(graph.numbers("first") == [0, 0, 3, -4] && graph.numbers("second") == [0, -20, 0, 40])
        #expect(plan.layers.map(\.threshold) == [2, 10] && plan.sparsity == 0.5)
        configuration.sparsity = 0.9
        let before = TinyGraphs.twoPathwayVideo()
        for layer in try pruned(before, configuration).plan.layers {
            #expect(layer.zeros == Int((Double(layer.count) * 0.9).rounded()), "\(layer.weight)")
        }
    }

    @Test func `Protected layers stay, and the plan says so`() throws {
        let before = TinyGraphs.residual()
        let (after, plan) = try pruned(
            before, .init(sparsity: 0.8, protectedLayers: ["conv*", "classifier.weight"]))
        #expect(plan.layers.map(\.weight).contains("stem.weight"))
        let kept = plan.exceptions.map(\.weight)
        #expect(kept.contains("conv1.weight") && kept.contains("conv2.weight"))
        #expect(plan.exceptions.first?.reason == "conv* is protected")
        for weight in kept { #expect(after.numbers(weight) == before.numbers(weight)) }
        let total = plan.layers.reduce(0) { $0 + $1.count }
        #expect(plan.layers.reduce(0) { $0 + $1.zeros } == Int((Double(total) * 0.8).rounded()))
        #expect(
            errorText { _ = try UnstructuredPruning.plan(for: before, .init(sparsity: 0.8, protectedLayers: ["*"])) }
                .contains("No weight of the model can be pruned: stem.weight stays: * is protected"))
    }

    @Test func `Of weights of one magnitude no more go than are asked for, evenly spread`() throws {
        let (graph, plan) = try pruned(twoLayers([1, -1, 1, -1], [1, 1, -1, -1]), 0.5)
        #expect(plan.layers.map(\.zeros) == [2, 2])
        #expect(graph.numbers("first") == [1, 0, 1, 0] || graph.numbers("first") == [0, -1, 0, -1])
        #expect(zeros(graph) == 4)
        let (uneven, _) = try pruned(twoLayers([1, 2, 2, 2], [2, 2, 2, 9]), 0.5)
        #expect(zeros(uneven) == 4 && uneven.numbers("first")[0] == 0 && uneven.numbers("second")[3] == 9)
    }

    @Test func `What is zero already counts`() throws {
        let sparse = twoLayers([0, 0, 0, -4], [0, 0, 0.5, 40])
        let (same, plan) = try pruned(sparse, 0.25)
        #expect(same == sparse)
        #expect(plan.layers.allSatisfy { $0.threshold == 0 } && plan.layers.map(\.zeros) == [3, 2])
        #expect(zeros(try pruned(sparse, 0.75).graph) == 6)
    }

    @Test func `Planning twice as much removes what the smaller plan does`() throws {
        let before = TinyGraphs.twoPathwayVideo()
        let (half, _) = try pruned(before, 0.4)
        let (more, _) = try pruned(before, 0.8)
        for weight in before.weightNames {
            #expect(zip(half.numbers(weight), more.numbers(weight)).allSatisfy { $0 != 0 || $1 == 0 })
        }
        #expect(try more.run(before.sampleInputs())[0].shape == [2, 3])
    }

    @Test(arguments: [-0.1, 1, 1.5, .nan]) func `A share without meaning is refused`(sparsity: Double) {
        #expect(
            errorCode { _ = try UnstructuredPruning.plan(for: TinyGraphs.chain(), .init(sparsity: sparsity)) }
                == .invalidTarget)
    }

    @Test func `A model without weights and damaged weights are refused`() {
        var build = GraphBuilder(name: "relu")
        let input = build.input("input", .float32, ["N", 2])
        build.output(build.node("Relu", [input], name: "relu"), name: "output")
        let empty = build.graph
        #expect(errorCode { _ = try UnstructuredPruning.plan(for: empty, .init(sparsity: 0.5)) } == .nothingToCompress)
        let damaged = twoLayers([1, 2, .nan, 4], [1, 2, 3, 4])
        #expect(errorCode { _ = try UnstructuredPruning.plan(for: damaged, .init(sparsity: 0.5)) } == .notFinite)
        #expect(
            errorText { _ = try UnstructuredPruning.plan(for: damaged, .init(sparsity: 0.5)) }.contains("weight first ")
        )
    }
}
