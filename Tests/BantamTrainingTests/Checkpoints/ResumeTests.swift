import BantamGraph
import BantamNetwork
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct ResumeTests {
    private struct Interruption: Error {}

    /// What a training can be made of that has a state of its own.
    struct Variant: Sendable, CustomTestStringConvertible {
        var optimizer: OptimizerConfiguration
        var averageDecay = 0.0
        var earlyStopping: EarlyStopping?

        var testDescription: String {
            "\(optimizer), average \(averageDecay), \(earlyStopping == nil ? "to the end" : "early stopping")"
        }

        var configuration: TrainingConfiguration {
            TrainingConfiguration(
                epochs: 5, batchSize: 16, optimizer: optimizer,
                schedule: LearningRateSchedule(peak: 0.05, warmup: 0.3), averageDecay: averageDecay,
                earlyStopping: earlyStopping)
        }
    }

    static let variants = [
        Variant(optimizer: .sgd()), Variant(optimizer: .adamW()), Variant(optimizer: .sgd(), averageDecay: 0.9),
        Variant(optimizer: .adamW(), averageDecay: 0.5, earlyStopping: EarlyStopping(patience: 2)),
    ]

    private let problem = BandProblem(sampleCount: 64)

    private func fit(
        _ network: Network, _ configuration: TrainingConfiguration, in folder: TemporaryFolder? = nil,
        observe: (TrainingEvent) throws -> Void = { _ in }
    ) throws -> TrainingSummary {
        let checkpoints = folder.map { CheckpointFolder($0.file("checkpoints")) }
        let trainer = Trainer(
            network, objective: CrossEntropy(), configuration: configuration, checkpoints: checkpoints)
        return try trainer.fit(to: problem, validation: BandProblem(seed: 9), observe: observe)
    }

    @Test(arguments: variants) func `A training that is interrupted and resumed ends with the same weights, to the bit`(
        _ variant: Variant
    ) throws {
        let whole = try problem.network()
        let expected = try fit(whole, variant.configuration)
        let folder = try TemporaryFolder()
        // In the middle of the third epoch.
        #expect(throws: Interruption.self) {
            _ = try fit(try problem.network(), variant.configuration, in: folder) { event in
                if case .stepEnded(step: 10, _, _, _) = event { throw Interruption() }
            }
        }
        let resumed = try problem.network(seed: 77)
        var firstEvent: TrainingEvent?
        let summary = try fit(resumed, variant.configuration, in: folder) { event in
            if firstEvent == nil { firstEvent = event }
        }
        #expect(firstEvent == .resumed(epoch: 2))
        #expect(try resumed.snapshot() == (try whole.snapshot()))
        #expect(summary.steps == expected.steps)
        #expect(summary.finalLoss == expected.finalLoss)
        #expect(summary.bestAccuracy == expected.bestAccuracy)
    }

    @Test func `A training may be resumed with more epochs than it began with`() throws {
        let whole = try problem.network()
        _ = try fit(whole, .quick(epochs: 4))
        let folder = try TemporaryFolder()
        _ = try fit(try problem.network(), .quick(epochs: 2), in: folder)
        let longer = try problem.network(seed: 77)
        let summary = try fit(longer, .quick(epochs: 4), in: folder)
        #expect(summary.epochs == 4)
        #expect(try longer.snapshot() == (try whole.snapshot()))
    }

    @Test func `Resumed with fewer epochs than are done, a training ends with what it has`() throws {
        let folder = try TemporaryFolder()
        let whole = try problem.network()
        _ = try fit(whole, .quick(epochs: 4), in: folder)
        let shorter = try problem.network(seed: 77)
        let summary = try fit(shorter, .quick(epochs: 2), in: folder)
        #expect(summary.epochs == 4)
        #expect(try shorter.snapshot() == (try whole.snapshot()))
    }

    @Test func `A training that is complete is not gone on with`() throws {
        for variant in Self.variants {
            let folder = try TemporaryFolder()
            let network = try problem.network()
            let summary = try fit(network, variant.configuration, in: folder)
            let again = try problem.network()
            let second = try fit(again, variant.configuration, in: folder) { event in
                if case .stepEnded = event { Issue.record("a step of a complete training") }
            }
            #expect(try again.snapshot() == (try network.snapshot()))
            #expect(second.epochs == summary.epochs)
            #expect(second.stoppedEarly == summary.stoppedEarly)
        }
    }

    @Test func `A training that stopped early stays stopped`() throws {
        // A gain that no epoch can reach after the start, which counts as the best.
        var configuration = TrainingConfiguration.quick(epochs: 9)
        configuration.earlyStopping = EarlyStopping(patience: 2, minimumGain: 1)
        let folder = try TemporaryFolder()
        let summary = try fit(try problem.network(), configuration, in: folder)
        #expect(summary.stoppedEarly)
        #expect(summary.epochs == 2)
        let again = try fit(try problem.network(), configuration, in: folder) { event in
            if case .stepEnded = event { Issue.record("a step of a stopped training") }
        }
        #expect(again.stoppedEarly)
        #expect(again.epochs == 2)
    }
}
