import BantamGraph
import BantamNetwork
import BantamPipeline
import BantamPruning
import BantamQuantization
import BantamTestSupport
import BantamTraining
import Testing

/// What happens to zeros after they were made: in rounds, in fine-tuning, in folding and in quantization.
@Suite struct KeptSparsityTests {
    static let configurations: [UnstructuredPruning.Configuration] = [
        .init(sparsity: 0.8), .init(sparsity: 0.8, scope: .local), .init(.twoOfFour),
    ]

    private let samples = BandSamples()

    private func pruned(_ graph: Graph, _ configuration: UnstructuredPruning.Configuration) throws -> Graph {
        var graph = graph
        try UnstructuredPruning.apply(try UnstructuredPruning.plan(for: graph, configuration), to: &graph)
        return graph
    }

    /// Where the weights are zero. Every zero must be the plain one: negative zeros would compress worse.
    private func zeros(of graph: Graph) -> [String: Set<Int>] {
        var zeros: [String: Set<Int>] = [:]
        for weight in graph.weightNames {
            let numbers = graph.numbers(weight)
            zeros[weight] = Set(numbers.indices.filter { numbers[$0] == 0 })
            #expect(numbers.allSatisfy { $0 != 0 || $0.bitPattern == 0 }, "\(weight) has negative zeros")
        }
        return zeros
    }

    private func isSubset(_ before: [String: Set<Int>], of after: [String: Set<Int>]) -> Bool {
        before.allSatisfy { weight, zeros in zeros.isSubset(of: after[weight, default: []]) }
    }

    // MARK: Rounds and fine-tuning

    private func inRounds(
        _ graph: Graph, _ configuration: UnstructuredPruning.Configuration, rounds: Int,
        training: TrainingConfiguration?, distillation: DistillationConfiguration? = nil
    ) throws -> (graph: Graph, rounds: [StepRunner.PruningRound<UnstructuredPruning.Plan>]) {
        let gradual = GradualPruning(
            .weights(configuration), rounds: rounds, recalibrationSamples: 16, training: training,
            distillation: distillation)
        #expect(try throughJSON(Recipe.Step.prune(gradual)) == .prune(gradual))
        let data = training == nil ? nil : try samples.data()
        let outcome = try StepRunner(data: data).perform(.prune(gradual), on: graph)
        return (
            outcome.graph, try #require(outcome.plan as? [StepRunner.PruningRound<UnstructuredPruning.Plan>])
        )
    }

    @Test(arguments: configurations)
    func `Rounds come to the sparsity by the schedule, and fine-tuning with a teacher keeps every zero`(
        configuration: UnstructuredPruning.Configuration
    ) throws {
        let graph = samples.classifier(width: 8)
        let (after, rounds) = try inRounds(
            graph, configuration, rounds: 3, training: .quick(epochs: 6),
            distillation: DistillationConfiguration(alpha: 0.5))
        // Cubic: 19/27, 26/27 and all of the way.
        for (round, share) in zip(rounds, [19.0 / 27, 26.0 / 27, 1]) {
            #expect(abs(round.plan.sparsity - configuration.sparsity * share) < 0.01)
        }
        #expect(rounds.compactMap(\.training?.epochs).reduce(0, +) == 6)
        let planned = try #require(rounds.last).plan
        let zeros = zeros(of: after)
        for layer in planned.layers { #expect(zeros[layer.weight]?.count == layer.zeros) }
        if let pattern = configuration.pattern { #expect(try Sparsity(of: after).pattern == pattern) }
        #expect(
            graph.weightNames.contains { name in
                zip(graph.numbers(name), after.numbers(name)).contains { $0 != $1 && $1 != 0 }
            })
    }

    @Test func `One round without data is pruning at once`() throws {
        let graph = samples.classifier()
        for configuration in Self.configurations {
            let (after, rounds) = try inRounds(graph, configuration, rounds: 1, training: nil)
            #expect(after == (try pruned(graph, configuration)) && rounds.count == 1)
        }
    }

    @Test func `A model that is sparse already goes on from there`() throws {
        let half = try pruned(samples.classifier(), .init(sparsity: 0.5))
        let (after, rounds) = try inRounds(half, .init(sparsity: 0.9), rounds: 2, training: nil)
        #expect(abs(try #require(rounds.first).plan.sparsity - (0.9 - 0.4 / 8)) < 0.01)
        #expect(isSubset(zeros(of: half), of: zeros(of: after)))
        // A target below what it has leaves it as it is.
        #expect(try inRounds(half, .init(sparsity: 0.2), rounds: 2, training: nil).graph == half)
    }

    @Test func `No rounds, or a share without meaning, are refused before anything is trained`() {
        let graph = samples.classifier()
        for (sparsity, rounds) in [(0.5, 0), (1.0, 2), (-0.5, 2)] {
            #expect(
                errorCode { _ = try inRounds(graph, .init(sparsity: sparsity), rounds: rounds, training: .quick()) }
                    == .invalidTarget)
        }
    }

    @Test(arguments: [true, false]) func `Learning from a teacher keeps zeros when the step says so`(
        keepsZeros: Bool
    ) throws {
        let data = try samples.data()
        let before = try pruned(samples.classifier(), .init(sparsity: 0.6))
        let teacher = TeacherModel(samples.classifier(seed: 3))
        let step = Recipe.Step.distill(
            .quick(epochs: 1), DistillationConfiguration(), teacher: "teacher", keepsZeros: keepsZeros)
        #expect(try throughJSON(step) == step)
        let after = try StepRunner(data: data, teacher: { _ in teacher }).perform(step, on: before).graph
        #expect(isSubset(zeros(of: before), of: zeros(of: after)) == keepsZeros)
    }

    // MARK: Folding and quantization

    /// The integers that a float weight of this shape has become, in its order.
    ///
    /// Dynamic quantization turns the weights of linear layers, which `MatMulInteger` wants the other way round.
    private func integers(_ graph: Graph, _ name: String, as shape: Shape) throws -> [Int8] {
        let stored = try #require(graph.constant(named: name), "\(name)")
        let integers = stored.elements(of: Int8.self)
        guard stored.shape != shape else { return integers }
        try #require(stored.shape == [shape[1], shape[0]])
        return (0..<integers.count).map { integers[$0 % shape[1] * shape[0] + $0 / shape[1]] }
    }

    @Test(arguments: TinyGraphs.names, configurations)
    func `Normalization folded into a layer and INT8, static or dynamic, keep every zero`(
        name: String, configuration: UnstructuredPruning.Configuration
    ) throws {
        var dense = try #require(TinyGraphs.named(name))
        // When a model is read; later it would move the zeros.
        try Passes.training.run(on: &dense)
        guard let sparse = try? pruned(dense, configuration) else {
            // Few of the tiny models have nothing that four divides.
            #expect(configuration.pattern != nil)
            return
        }
        let before = zeros(of: sparse)
        var folded = sparse
        try Passes.inference.run(on: &folded)
        #expect(isSubset(before.filter { folded.value(named: $0.key) != nil }, of: zeros(of: folded)))

        let (integer, plan) = try StaticQuantization().quantizing(sparse)
        var dynamic = folded
        let dynamicPlan = try DynamicQuantization().plan(for: folded)
        try DynamicQuantization.apply(dynamicPlan, to: &dynamic)
        for (graph, weights) in [(integer, plan.weights), (dynamic, dynamicPlan.layers.map(\.weight))] {
            #expect(!weights.isEmpty)
            for weight in weights {
                #expect(weight.parameters.zeroPoint == 0, "\(weight.value)")
                let shape = try #require(dense.constant(named: weight.value)).shape
                let stored = try integers(graph, weight.value, as: shape)
                let expected = before[weight.value, default: []]
                #expect(expected.allSatisfy { stored[$0] == 0 }, "\(weight.value)")
            }
        }
    }

    @Test func `A pattern is found again in the integers, whichever way they are stored`() throws {
        let sparse = try pruned(samples.classifier(width: 8), .init(.twoOfFour))
        let (integer, _) = try StaticQuantization().quantizing(sparse)
        var dynamic = sparse
        try Passes.inference.run(on: &dynamic)
        try DynamicQuantization.apply(try DynamicQuantization().plan(for: dynamic), to: &dynamic)
        for graph in [sparse, integer, dynamic] {
            let sparsity = try Sparsity(of: graph)
            #expect(sparsity.pattern == .twoOfFour && sparsity.patternedWeights == 2)
        }
    }
}
