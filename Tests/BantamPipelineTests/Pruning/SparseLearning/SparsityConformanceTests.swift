import BantamGraph
import BantamNetwork
import BantamPipeline
import BantamPruning
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

/// What holds for every sparsity regularizer: a new one is tested by being listed in `SparsityRegularizers`.
@Suite struct SparsityConformanceTests {
    static let names = SparsityRegularizers.all.map { $0.name }

    private func regularizer(_ name: String, strength: Double) throws -> any SparsityRegularizer {
        try SparsityRegularizers.named(name).init(strength: strength)
    }

    /// Every other channel of every group.
    private func halves(of graph: Graph) throws -> [ChannelPenalty.Part] {
        try ChannelGroups(of: graph).prunable.map { group in
            ChannelPenalty.Part(group, channels: Array(stride(from: 0, to: group.channelCount, by: 2)))
        }
    }

    // MARK: The formula

    @Test(arguments: names, [0.25, 1]) func `Factors are the derivatives of the penalties, over the norm`(
        name: String, progress: Double
    ) throws {
        let regularizer = try regularizer(name, strength: 0.3)
        let (norms, sizes) = ([0.01, 0.5, 1, 4], [4.0, 9, 1, 100])
        func penalties(_ norms: [Double]) throws -> [Double] {
            try regularizer.penalties(
                norms: try Tensor(TensorData([4], norms)), sizes: try Tensor(TensorData([4], sizes)),
                progress: progress
            ).data().elements(of: Double.self)
        }
        let step = 1e-6
        let (above, below) = (try penalties(norms.map { $0 + step }), try penalties(norms.map { $0 - step }))
        let factors = try regularizer.factors(
            norms: try Tensor(TensorData([4], norms)), sizes: try Tensor(TensorData([4], sizes)), progress: progress
        ).data().elements(of: Double.self)
        for index in norms.indices {
            let derivative = (above[index] - below[index]) / (2 * step)
            #expect(derivative > 0)
            #expect(abs(factors[index] * norms[index] - derivative) < 1e-7 * max(derivative, 1))
        }
    }

    @Test(arguments: names) func `A channel that is zero stays so, without a division by zero`(name: String) throws {
        let norms = try Tensor(TensorData([3], [0, 1e-30, 1] as [Float]))
        let factors = try regularizer(name, strength: 1)
            .factors(norms: norms, sizes: try Tensor.ones([3]), progress: 1)
        #expect(try factors.multiplied(by: norms).data().elements(of: Float.self).allSatisfy(\.isFinite))
        #expect(try factors.multiplied(by: norms).data().elements(of: Float.self)[0] == 0)
    }

    @Test func `The penalties are those of the papers`() throws {
        let norms = try Tensor(TensorData([2], [3, 0.5] as [Float]))
        let sizes = try Tensor(TensorData([2], [4, 9] as [Float]))
        let lasso = try GroupLasso(strength: 0.1).penalties(norms: norms, sizes: sizes, progress: 0.5).data()
        #expect(lasso.difference(from: TensorData([2], [0.6, 0.15] as [Float]), tolerance: 1e-6) == nil)
        let growing = GrowingRegularization(strength: 0.1)
        let half = try growing.penalties(norms: norms, sizes: sizes, progress: 0.5).data()
        #expect(half.difference(from: TensorData([2], [0.225, 0.00625] as [Float]), tolerance: 1e-6) == nil)
        let start = try growing.factors(norms: norms, sizes: sizes, progress: 0).data()
        #expect(start.elements(of: Float.self) == [0, 0])
    }

    // MARK: On networks

    /// The penalty by its definition, channel by channel in double precision.
    private func reference(
        _ numbers: [ValueID: [Double]], _ graph: Graph, _ parts: [ChannelPenalty.Part],
        _ regularizer: any SparsityRegularizer, progress: Double
    ) throws -> Double {
        var (norms, sizes): ([Double], [Double]) = ([], [])
        for part in parts {
            for channel in part.channels {
                var weights: [Double] = []
                var seen: Set<[Int]> = []
                for member in part.group.members where member.role == .weight || member.role == .operand {
                    guard let all = numbers[member.value], let shape = graph.constants[member.value]?.shape else {
                        continue
                    }
                    let inner = shape.dimensions[(member.axis + 1)...].reduce(1, *)
                    for (position, number) in all.enumerated() {
                        let index = position / inner % shape[member.axis]
                        guard member.indices(of: channel).contains(index) else { continue }
                        let place = [member.axis, position] + graph[member.value].name.utf8.map(Int.init)
                        if seen.insert(place).inserted { weights.append(number) }
                    }
                }
                norms.append(weights.reduce(0) { $0 + $1 * $1 }.squareRoot())
                sizes.append(Double(weights.count))
            }
        }
        return try regularizer.penalties(
            norms: try Tensor(TensorData([norms.count], norms)), sizes: try Tensor(TensorData([sizes.count], sizes)),
            progress: progress
        ).sum().item()
    }

    @Test(arguments: names, TinyGraphs.names)
    func `The gradient agrees with finite differences of the penalty, coupled layers and all`(
        name: String, graph: String
    ) throws {
        let graph = try #require(TinyGraphs.named(graph))
        let parts = try halves(of: graph)
        let regularizer = try regularizer(name, strength: 0.2)
        let network = try Network(graph)
        let penalty = try ChannelPenalty(regularizer, on: parts, of: network)
        try withoutGradients { try penalty.addGradients(progress: 0.5) }
        var numbers: [ValueID: [Double]] = [:]
        for value in graph.parameters {
            numbers[value] = graph.constants[value]?.elements(of: Float.self).map(Double.init)
        }
        let total = try reference(numbers, graph, parts, regularizer, progress: 0.5)
        #expect(abs(try penalty.value(progress: 0.5) - total) < 1e-4 * max(total, 1))
        var random = SeededGenerator(seed: 5).stream(graph.name)
        for parameter in network.parameters {
            let gradient = try parameter.tensor.gradient?.data().elements(of: Float.self)
            for _ in 0..<4 {
                let index = random.integer(below: parameter.tensor.shape.elementCount)
                func value(_ change: Double) throws -> Double {
                    var changed = numbers
                    changed[parameter.value]?[index] += change
                    return try reference(changed, graph, parts, regularizer, progress: 0.5)
                }
                let derivative = (try value(1e-4) - value(-1e-4)) / 2e-4
                #expect(abs(Double(gradient?[index] ?? 0) - derivative) < 1e-4, "\(parameter.name) \(index)")
            }
        }
    }

    /// Lets the penalty alone move the weights.
    private struct Nothing: Objective {
        func loss(of result: Network.Result, on batch: TrainingBatch) throws(TorchError) -> Tensor {
            try result.outputs[0].sum().multiplied(by: 0)
        }
    }

    @Test(arguments: names, [nil, 4]) func `What is penalized shrinks, and what is not stays to the bit`(
        name: String, frames: Int?
    ) throws {
        let samples = BandSamples(frames: frames)
        let graph = samples.classifier(width: 8)
        let parts = try halves(of: graph)
        let network = try Network(graph)
        let penalty = try ChannelPenalty(try regularizer(name, strength: 0.05), on: parts, of: network)
        let before = try penalty.value(progress: 1)
        var configuration = TrainingConfiguration.quick(epochs: 3)
        configuration.optimizer = .sgd(momentum: 0, weightDecay: 0)
        let data = try samples.data()
        _ = try Trainer(network, objective: Nothing(), configuration: configuration, penalties: [penalty])
            .fit(to: try data.batches(for: configuration))
        #expect(try penalty.value(progress: 1) < 0.999 * before)
        let after = try network.snapshot()
        for value in graph.parameters {
            let shape = try #require(graph.constants[value]?.shape)
            // The elements that lie in a penalized channel along any axis.
            var isPenalized = [Bool](repeating: false, count: shape.elementCount)
            for part in parts {
                for member in part.group.members where member.value == value && member.role == .weight {
                    let inner = shape.dimensions[(member.axis + 1)...].reduce(1, *)
                    let indices = Set(part.channels.flatMap { member.indices(of: $0) })
                    for position in isPenalized.indices where indices.contains(position / inner % shape[member.axis]) {
                        isPenalized[position] = true
                    }
                }
            }
            let name = graph[value].name
            for (position, (old, new)) in zip(graph.numbers(name), after.numbers(name)).enumerated() {
                #expect(isPenalized[position] ? abs(new) < abs(old) : new == old, "\(name) \(position)")
            }
        }
    }

    @Test(arguments: names) func `Training goes on without the channels that are pushed out`(name: String) throws {
        let samples = BandSamples()
        let data = try samples.data()
        let runner = StepRunner(data: data)
        let trained = try runner.perform(.train(.quick(epochs: 5)), on: samples.classifier(width: 8)).graph
        let plan = try StructuredPruning.plan(for: trained, .init(.macs(0.6)))
        let groups = try ChannelGroups(of: trained).groups
        let chosen = plan.groups.map { ChannelPenalty.Part(groups[$0.index], channels: $0.removed) }
        let network = try Network(trained)
        let usual = try SparsityRegularizers.named(name).usualStrength
        // Hundreds of steps become 15.
        let penalty = try ChannelPenalty(
            try regularizer(name, strength: 50 * min(usual, 0.02)), on: chosen, of: network)
        let before = try penalty.value(progress: 1)
        let configuration = TrainingConfiguration.quick(epochs: 5)
        let trainer = Trainer(
            network, objective: CrossEntropy(), configuration: configuration, penalties: [penalty])
        _ = try trainer.fit(to: try data.batches(for: configuration))
        #expect(try penalty.value(progress: 1) < 0.8 * before)
        #expect(try trainer.score(on: try data.batches(size: 16)) > 0.9)
    }

    @Test(arguments: names) func `A penalty leaves no tensor behind`(name: String) throws {
        let graph = TinyGraphs.residual()
        func once() throws {
            let network = try Network(graph)
            let penalty = try ChannelPenalty(
                try regularizer(name, strength: 1), on: try halves(of: graph), of: network)
            try withoutGradients { try penalty.addGradients(progress: 1) }
        }
        try once()
        let before = Tensor.liveCountOnThread
        try once()
        #expect(Tensor.liveCountOnThread == before)
    }
}
