import BantamGraph
import BantamPipeline
import BantamPruning
import BantamStage
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct ChannelRoundingTests {
    private let samples = BandSamples()

    /// What was compared, and what the comparison says.
    private final class Stopwatch {
        private(set) var originals = 0
        private(set) var comparisons = 0
        private let speedup: (Graph) -> Double?

        init(speedup: @escaping (Graph) -> Double?) { self.speedup = speedup }

        var meter: ScriptedMeter {
            ScriptedMeter(compare: { _ in
                self.originals += 1
                return { pruned in
                    self.comparisons += 1
                    return self.speedup(pruned)
                }
            })
        }
    }

    private func plan(
        _ configuration: StructuredPruning.Configuration, rounds: Int = 1, _ stopwatch: Stopwatch
    ) throws -> (last: StructuredPruning.Plan, graph: Graph) {
        var configuration = configuration
        configuration.timesMultiples = true
        let gradual = GradualPruning(.channels(configuration), rounds: rounds)
        let outcome = try StepRunner(data: nil, in: StageContext(meter: stopwatch.meter))
            .perform(.prune(gradual), on: samples.classifier(width: 64))
        let plans = try #require(outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>])
        return (try #require(plans.last).plan, outcome.graph)
    }

    @Test func `A faster model keeps any number of channels`() throws {
        let stopwatch = Stopwatch { _ in 1.3 }
        let (plan, _) = try plan(.init(.macs(0.53)), rounds: 3, stopwatch)
        #expect(plan.channelMultiple == 1)
        // As it is and with each multiple that reaches the target, in the last round only.
        #expect((2...4).contains(stopwatch.comparisons))
        #expect(stopwatch.originals == 1)
    }

    @Test func `A slower model is rounded to what is fastest`() throws {
        let stopwatch = Stopwatch { $0.width.isMultiple(of: 16) ? 1.5 : $0.width.isMultiple(of: 8) ? 1.2 : 0.9 }
        let (plan, graph) = try plan(.init(.macs(0.4)), stopwatch)
        #expect(plan.channelMultiple == 16)
        #expect(graph.width.isMultiple(of: 16))
        #expect(plan.after <= plan.before * 0.4)
        #expect(try graph.macs <= samples.classifier(width: 64).macs * 4 / 10)
    }

    @Test(arguments: [(1.3, 1), (1.35, 8)]) func `A faster model is rounded where that is a twentieth faster`(
        rounded: Double, multiple: Int
    ) throws {
        let stopwatch = Stopwatch { $0.width.isMultiple(of: 8) ? rounded : 1.25 }
        #expect(try plan(.init(.macs(0.53)), stopwatch).last.channelMultiple == multiple)
    }

    @Test func `Where nothing helps, the fastest stays as it is`() throws {
        let stopwatch = Stopwatch { $0.width.isMultiple(of: 8) ? 0.7 : 0.9 }
        let (plan, _) = try plan(.init(.macs(0.53)), stopwatch)
        #expect(plan.channelMultiple == 1)
    }

    @Test func `Multiples that cannot reach the target are passed over`() throws {
        let stopwatch = Stopwatch { _ in 0.5 }
        // Multiples of 16 and 32 leave too much.
        let (plan, _) = try plan(.init(.macs(0.03)), stopwatch)
        #expect(stopwatch.comparisons < 4)
        #expect(plan.after <= plan.before * 0.03)
    }

    @Test func `Nothing is compared where a multiple is prescribed`() throws {
        let stopwatch = Stopwatch { _ in 0.5 }
        let (plan, _) = try plan(.init(.macs(0.5), limits: PruningLimits(channelMultiple: 4)), stopwatch)
        #expect(stopwatch.comparisons == 0)
        #expect(plan.channelMultiple == 4)
    }

    @Test func `Where the time tells nothing, the plan stands`() throws {
        let (plan, _) = try plan(.init(.macs(0.53)), Stopwatch { _ in nil })
        #expect(plan.channelMultiple == 1)
    }

    @Test(arguments: [(16, 1), (64, 8), (128, 16)])
    func `Unless timing is asked for, the multiple follows from the layers' widths, the same each time`(
        width: Int, multiple: Int
    ) throws {
        let stopwatch = Stopwatch { _ in Double.random(in: 0.5...2) }
        let plans = try (0..<3).map { _ in
            let outcome = try StepRunner(data: nil, in: StageContext(meter: stopwatch.meter))
                .perform(
                    .prune(GradualPruning(.channels(.init(.macs(0.5))))), on: samples.classifier(width: width))
            let rounds = try #require(outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>])
            return rounds[0].plan
        }
        #expect(stopwatch.comparisons == 0)
        #expect(Set(plans).count == 1)
        #expect(plans[0].channelMultiple == multiple)
        #expect(plans[0].after <= 0.5 * plans[0].before)
    }

    @Test func `A training that goes on finds the plan it was begun with`() throws {
        let folder = try TemporaryFolder()
        let gradual = GradualPruning(
            .channels(.init(.macs(0.5), timesMultiples: true)), recalibrationSamples: 0, training: .quick(epochs: 2))
        func multiple(_ configuration: GradualPruning, speedup: Double) throws -> Int {
            let stopwatch = Stopwatch { $0.width.isMultiple(of: 8) ? 1.2 : speedup }
            let outcome = try StepRunner(
                data: try samples.data(), in: StageContext(meter: stopwatch.meter),
                checkpoints: CheckpointFolder(folder.path)
            ).perform(.prune(configuration), on: samples.classifier(width: 64))
            let plans = try #require(outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>])
            return plans[0].plan.channelMultiple
        }
        let first = try multiple(gradual, speedup: 0.9)
        #expect(first > 1)
        // This time the clock says otherwise.
        #expect(try multiple(gradual, speedup: 1.1) == first)
    }
}

extension Graph {
    /// The channels of the first convolution.
    fileprivate var width: Int {
        nodes.values.first { $0.operatorName == "Conv" }?.inputs[1].flatMap { constants[$0]?.shape[0] } ?? 0
    }
}
