import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct TrainerTests {
    private func fit(
        _ network: Network, to problem: BandProblem = BandProblem(), _ configuration: TrainingConfiguration,
        validation: BandProblem? = nil, constraints: [any WeightConstraint] = [],
        observe: (TrainingEvent) throws -> Void = { _ in }
    ) throws -> TrainingSummary {
        let objective = CrossEntropy(labelSmoothing: configuration.labelSmoothing)
        let trainer = Trainer(network, objective: objective, configuration: configuration, constraints: constraints)
        return try trainer.fit(to: problem, validation: validation, observe: observe)
    }

    /// The accuracy on samples that were not trained on.
    private func score(_ network: Network, _ problem: BandProblem) throws -> Double {
        var unseen = problem
        unseen.seed += 1
        return try Trainer(network, objective: CrossEntropy(), configuration: .quick()).score(on: unseen)
    }

    @Test(arguments: [[6, 6], [4, 6, 6]], [OptimizerConfiguration.sgd(), .adamW()])
    func `It learns to tell images apart, and clips`(_ space: [Int], _ optimizer: OptimizerConfiguration) throws {
        let problem = BandProblem(space: space)
        let network = try problem.network()
        var configuration = TrainingConfiguration.quick(epochs: 8, rate: 0.02, optimizer: optimizer)
        configuration.schedule.decay = .cosine(floor: 0.01)
        let summary = try fit(network, to: problem, configuration)
        #expect(summary.epochs == 8)
        #expect(summary.steps == 8 * problem.batchCount)
        #expect(!summary.stoppedEarly)
        #expect(try score(network, problem) > 0.95)
    }

    @Test func `After the freeze statistics stay, while weights go on`() throws {
        let problem = BandProblem()
        func trained(epochs: Int, of total: Int, freezeAfter: Double?) throws -> Graph {
            struct Enough: Error {}
            let network = try problem.network()
            var configuration = TrainingConfiguration.quick(epochs: total, rate: 0.02)
            configuration.freezeAfter = freezeAfter
            do {
                _ = try fit(network, to: problem, configuration) { event in
                    if case .epochEnded(let record, _, _) = event, record.epoch == epochs { throw Enough() }
                }
            } catch is Enough {}
            return try network.snapshot()
        }
        func numbers(_ graph: Graph, _ values: [ValueID]) -> [TensorData?] { values.map { graph.constants[$0] } }
        let half = try trained(epochs: 2, of: 4, freezeAfter: 0.5)
        let frozen = try trained(epochs: 4, of: 4, freezeAfter: 0.5)
        let free = try trained(epochs: 4, of: 4, freezeAfter: nil)
        #expect(!half.statistics.isEmpty)
        #expect(numbers(frozen, half.statistics) == numbers(half, half.statistics))
        #expect(numbers(free, half.statistics) != numbers(half, half.statistics))
        #expect(numbers(frozen, half.parameters) != numbers(half, half.parameters))
        #expect(try trained(epochs: 4, of: 4, freezeAfter: 1) == free)
    }

    @Test func `It learns in bfloat16, the weights staying in float32`() throws {
        let problem = BandProblem()
        let network = try problem.network()
        var configuration = TrainingConfiguration.quick(epochs: 8, rate: 0.02)
        configuration.precision = .bfloat16
        _ = try fit(network, to: problem, configuration)
        #expect(try score(network, problem) > 0.95)
        #expect(network.parameters.allSatisfy { $0.tensor.dtype == .float32 })
    }

    @Test(arguments: [OptimizerConfiguration.sgd(), .adamW()]) func `Memory order does not change what is learned`(
        _ optimizer: OptimizerConfiguration
    ) throws {
        let problem = BandProblem(space: [4, 6, 6], sampleCount: 48)
        let networks = try [false, true].map { try problem.network(channelsLast: $0) }
        for network in networks {
            _ = try fit(network, to: problem, .quick(epochs: 1, rate: 0.01, optimizer: optimizer))
        }
        // A bias before a normalization changes nothing: its gradient is rounding noise, which AdamW scales up.
        for (first, second) in zip(networks[0].parameters, networks[1].parameters) where first.name != "conv.bias" {
            let difference = try second.tensor.data().difference(from: try first.tensor.data(), tolerance: 1e-4)
            #expect(difference == nil, "\(first.name)")
        }
    }

    @Test func `The same seed gives the same weights, to the bit`() throws {
        let problem = BandProblem()
        let graphs = try (0..<2).map { _ in
            let network = try problem.network()
            _ = try fit(network, to: problem, .quick())
            return try network.snapshot()
        }
        #expect(graphs[0] == graphs[1])
        #expect(graphs[0] != problem.graph())
    }

    @Test func `Every step and epoch is told of, at the schedule's rates`() throws {
        let problem = BandProblem(sampleCount: 48)
        var configuration = TrainingConfiguration.quick(epochs: 2)
        configuration.schedule = LearningRateSchedule(peak: 0.1, warmup: 0.5)
        var rates: [Double] = []
        var epochs: [Int] = []
        _ = try fit(try problem.network(), to: problem, configuration, validation: problem) { event in
            switch event {
            case .stepEnded(let step, let total, let loss, let rate):
                rates.append(rate)
                #expect(step == rates.count && total == 6 && loss > 0)
            case .epochEnded(let record, of: 2, _):
                epochs.append(record.epoch)
                #expect(record.heldOutLoss ?? 0 > 0 && record.heldOutAccuracy != nil)
                #expect(record.epoch == 0 || record.loss ?? 0 > 0 && record.accuracy != nil)
            default: Issue.record("there are no teachers, checkpoints or rollbacks: \(event)")
            }
        }
        #expect(epochs == [0, 1, 2])
        #expect(rates == (0..<6).map { configuration.schedule.rate(step: $0, of: 6) })
    }

    @Test func `A loss that is no number ends the training with the step and the rate`() throws {
        let problem = BandProblem()
        let error = #expect(throws: TrainingError.self) {
            _ = try fit(try problem.network(), to: problem, .quick(rate: 1e30))
        }
        #expect(error?.code == .diverged)
        // Halved at each try.
        #expect(error?.message.contains("6.25e+28") == true)
    }

    @Test func `A loss that runs away is rolled back, at half the rate, and the training ends well`() throws {
        let problem = BandProblem()
        let network = try problem.network()
        var configuration = TrainingConfiguration.quick(epochs: 8, rate: 2, optimizer: .sgd())
        configuration.gradientClipping = 0
        var factors: [Double] = []
        let summary = try fit(network, to: problem, configuration, validation: BandProblem(seed: 7)) { event in
            if case .rolledBack(_, let loss, let factor) = event {
                factors.append(factor)
                #expect(!(loss < 8))
            }
        }
        #expect(summary.rollbacks == factors.count && summary.rollbacks > 0)
        #expect(factors == (1...factors.count).map { 1 / Double(1 << $0) })
        #expect(summary.notes.contains { $0.contains("diverged") })
        #expect(summary.finalLoss < 8)
    }

    @Test func `An epoch that ends far off is not what a training comes back to`() throws {
        let problem = BandProblem(batchSize: 48)
        let network = try problem.network()
        _ = try fit(network, to: problem, .quick(epochs: 8, rate: 0.02))
        // Fewer steps an epoch than it takes to see from single losses that they are no chance.
        var configuration = TrainingConfiguration.quick(epochs: 4, rate: 3, optimizer: .sgd())
        configuration.gradientClipping = 0
        var epochs: [Int] = []
        let summary = try fit(network, to: problem, configuration, validation: BandProblem(seed: 7)) { event in
            if case .rolledBack(let epoch, _, _) = event { epochs.append(epoch) }
        }
        #expect(!epochs.isEmpty)
        #expect(summary.history.allSatisfy { $0.loss ?? 0 < 8 })
    }

    @Test(arguments: [3, 4, 5] as [UInt64]) func `Of epochs that held-out samples cannot tell apart the last is kept`(
        seed: UInt64
    ) throws {
        let problem = BandProblem(sampleCount: 48)
        let heldOut = BandProblem(sampleCount: 32, seed: seed)
        let summary = try fit(
            try problem.network(), to: problem, .quick(epochs: 12, rate: 0.02), validation: heldOut)
        var best = 0.0
        var kept = 0
        let start = try #require(summary.history.first?.heldOutAccuracy)
        for record in summary.history {
            let accuracy = try #require(record.heldOutAccuracy)
            #expect(record.heldOutSamples == 32)
            let error = (best * (1 - best) / 32).squareRoot()
            if accuracy > best || accuracy >= best - error && accuracy > start && best < 1 { kept = record.epoch }
            best = max(best, accuracy)
        }
        let chosen = try #require(summary.bestEpoch)
        // Of equal accuracies the lower loss may decide for a later one yet.
        #expect(
            chosen >= kept && summary.history[chosen].heldOutAccuracy ?? 0 >= summary.history[kept].heldOutAccuracy ?? 1
        )
    }

    @Test func `The epoch that did best on held-out samples is kept, be it the start`() throws {
        let problem = BandProblem()
        let network = try problem.network()
        // Far too large: every epoch is worse than the last.
        _ = try fit(network, to: problem, .quick(epochs: 8, rate: 0.02))
        let start = try network.snapshot()
        var configuration = TrainingConfiguration.quick(epochs: 3, rate: 1.5, optimizer: .sgd())
        configuration.gradientClipping = 0
        let summary = try fit(network, to: problem, configuration, validation: BandProblem(seed: 7))
        let best = try #require(summary.history.max { ($0.heldOutAccuracy ?? 0) < ($1.heldOutAccuracy ?? 0) })
        let kept = try #require(summary.history.first { $0.epoch == summary.bestEpoch })
        #expect(summary.history.map(\.epoch) == [0, 1, 2, 3])
        #expect(kept.heldOutAccuracy == best.heldOutAccuracy)
        if summary.bestEpoch == 0 { #expect(try network.snapshot() == start) }
        configuration.keepsBest = false
        #expect(try fit(network, to: problem, configuration, validation: BandProblem(seed: 7)).bestEpoch == nil)
    }

    @Test func `BatchNorm's statistics suit the weights after a training too short for its momentum`() throws {
        let problem = BandProblem()
        var graph = problem.graph()
        for node in graph.nodes.values where node.operatorName == "BatchNormalization" {
            graph.updateNode(node.id) { $0.attributes["momentum"] = .float(0.999) }
        }
        let network = try Network(graph)
        let trainer = Trainer(
            network, objective: CrossEntropy(), configuration: .quick(epochs: 3, rate: 0.05))
        let summary = try trainer.fit(to: problem, validation: BandProblem(seed: 7), calibration: problem)
        let statistics = try #require(summary.statistics)
        #expect(statistics.measuredAnew)
        #expect(abs((statistics.batchAccuracy ?? 0) - (statistics.storedAccuracy ?? 1)) < 0.02)
        #expect(statistics.warning == nil)
        // Without it the running statistics are those of the start.
        let other = try Network(graph)
        let lagging = Trainer(other, objective: CrossEntropy(), configuration: .quick(epochs: 3, rate: 0.05))
        _ = try lagging.fit(to: problem, validation: BandProblem(seed: 7))
        #expect(try trainer.evaluate(on: problem).loss < lagging.evaluate(on: problem).loss)
    }

    @Test func `A data set smaller than a batch is refused`() throws {
        let problem = BandProblem(sampleCount: 8)
        let error = #expect(throws: TrainingError.self) { _ = try fit(try problem.network(), to: problem, .quick()) }
        #expect(error?.code == .noData)
    }

    @Test func `The average of the weights is what is left in the network`() throws {
        let problem = BandProblem()
        let network = try problem.network()
        var configuration = TrainingConfiguration.quick(epochs: 2)
        configuration.averageDecay = 0.4
        var average = try network.numbers("fc.weight").map { Double($0) }
        let total = Double(2 * problem.batchCount)
        _ = try fit(network, to: problem, configuration) { event in
            guard case .stepEnded(let step, _, _, _) = event else { return }
            let decay = min(0.4, Double(1 + step) / Double(10 + step))
            for (index, weight) in try network.numbers("fc.weight").enumerated() {
                average[index] = decay * average[index] + (1 - decay) * Double(weight)
            }
            #expect(Double(step) <= total)
        }
        let exported = TensorData([average.count], try network.numbers("fc.weight"))
        let expected = TensorData(TensorType(.float32, [average.count]), rounding: average)
        #expect(exported.difference(from: expected, tolerance: 1e-6) == nil)
    }

    @Test func `A constraint holds after every step`() throws {
        let problem = BandProblem()
        let network = try problem.network()
        let weight = try #require(network.parameters.first { $0.name == "fc.weight" }).tensor
        let pattern = (0..<weight.shape.elementCount).map { Float($0 % 2) }
        let mask = Mask(tensor: weight, mask: try Tensor(TensorData(weight.shape, pattern)))
        _ = try fit(network, to: problem, .quick(epochs: 2), constraints: [mask]) { event in
            guard case .stepEnded = event else { return }
            for (number, kept) in zip(try network.numbers("fc.weight"), pattern) where kept == 0 {
                #expect(number == 0)
            }
        }
        #expect(try network.numbers("fc.weight").count { $0 != 0 } == pattern.count / 2)
    }

    private struct Mask: WeightConstraint {
        var tensor: Tensor
        var mask: Tensor

        func enforce() throws(TorchError) { try tensor.multiply(by: mask) }
    }

    private final class ConstantPull: WeightPenalty {
        let tensor: Tensor
        var progress: [Double] = []

        init(_ tensor: Tensor) { self.tensor = tensor }

        func addGradients(progress: Double) throws(TorchError) {
            self.progress.append(progress)
            try tensor.gradient?.add(try Tensor.ones(tensor.shape))
        }
    }

    @Test func `A penalty adds to the gradient after it is clipped, and is told how far the training is`() throws {
        let problem = BandProblem(sampleCount: 32)
        let network = try problem.network()
        let weight = try #require(network.parameters.first { $0.name == "fc.weight" }).tensor
        let pull = ConstantPull(weight)
        var configuration = TrainingConfiguration.quick(
            epochs: 2, rate: 0.5, optimizer: .sgd(momentum: 0, weightDecay: 0))
        configuration.gradientClipping = 1e-6
        let before = try network.numbers("fc.weight")
        _ = try Trainer(network, objective: CrossEntropy(), configuration: configuration, penalties: [pull])
            .fit(to: problem)
        #expect(pull.progress == [0, 0.25, 0.5, 0.75])
        for (old, new) in zip(before, try network.numbers("fc.weight")) { #expect(abs(old - 2 - new) < 1e-4) }
    }

    /// The change of all parameters that one step of plain gradient descent at rate 1 makes.
    private func oneStep(clipping: Double) throws -> [Double] {
        let problem = BandProblem(sampleCount: 16)
        let network = try problem.network()
        let names = network.parameters.map(\.name)
        let before = try names.flatMap { try network.numbers($0) }
        var configuration = TrainingConfiguration.quick(
            epochs: 1, rate: 1, optimizer: .sgd(momentum: 0, weightDecay: 0))
        configuration.gradientClipping = clipping
        _ = try fit(network, to: problem, configuration)
        let after = try names.flatMap { try network.numbers($0) }
        return zip(before, after).map { Double($1) - Double($0) }
    }

    @Test func `Clipping scales all gradients together to the largest norm allowed`() throws {
        let norm = { (change: [Double]) in change.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let free = try oneStep(clipping: 0)
        let limit = norm(free) / 4
        let clipped = try oneStep(clipping: limit)
        #expect(abs(norm(clipped) - limit) < 1e-5)
        for (clipped, free) in zip(clipped, free) { #expect(abs(clipped - free / 4) < 1e-6) }
        #expect(try oneStep(clipping: 8 * limit) == free)
    }

    @Test func `Early stopping ends the training and keeps the best epoch's weights`() throws {
        let problem = BandProblem()
        let network = try problem.network()
        var configuration = TrainingConfiguration.quick(epochs: 40, rate: 0.05)
        configuration.earlyStopping = EarlyStopping(patience: 3)
        var best: (score: Double, graph: Graph)?
        let summary = try fit(network, to: problem, configuration, validation: BandProblem(seed: 7)) { event in
            guard case .epochEnded(let record, _, isBest: true) = event else { return }
            best = (record.heldOutAccuracy ?? 0, try network.snapshot())
        }
        #expect(summary.stoppedEarly)
        #expect(summary.epochs < 40)
        #expect(summary.bestAccuracy == best?.score)
        #expect(try network.snapshot() == best?.graph)
    }

    /// What a problem's samples look like to who does not know their labels.
    private struct Unlabelled: BatchSource {
        var problem: BandProblem
        var batchCount: Int { problem.batchCount }
        var isLabelled: Bool { false }

        func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
            try problem.forEachBatch(epoch: epoch, body)
        }
    }

    @Test func `Without labels early stopping looks at the loss on held-out data`() throws {
        let problem = BandProblem()
        let network = try problem.network()
        var configuration = TrainingConfiguration.quick(epochs: 40, rate: 0.3)
        configuration.earlyStopping = EarlyStopping(patience: 2)
        let validation = Unlabelled(problem: BandProblem(seed: 7))
        let trainer = Trainer(network, objective: CrossEntropy(), configuration: configuration)
        var losses: [Double] = []
        let summary = try trainer.fit(to: problem, validation: validation) { event in
            guard case .epochEnded(let record, _, _) = event else { return }
            #expect(record.heldOutAccuracy == nil)
            losses.append(try trainer.evaluate(on: validation).loss)
        }
        #expect(summary.stoppedEarly && summary.epochs < 40 && summary.bestAccuracy == nil)
        #expect(summary.bestValidationLoss == losses.min())
        #expect(try trainer.evaluate(on: validation).loss == losses.min())
    }

    @Test func `Training leaves no tensor behind`() throws {
        let problem = BandProblem(sampleCount: 32)
        func trainOnce() throws {
            var configuration = TrainingConfiguration.quick(epochs: 1)
            configuration.averageDecay = 0.9
            configuration.gradientClipping = 1
            _ = try fit(try problem.network(), to: problem, configuration, validation: problem)
        }
        try trainOnce()
        let before = Tensor.liveCountOnThread
        try trainOnce()
        #expect(Tensor.liveCountOnThread == before)
    }
}
