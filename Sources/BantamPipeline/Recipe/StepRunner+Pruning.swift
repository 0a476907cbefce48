import BantamGraph
import BantamLayerwise
import BantamModel
public import BantamPruning
public import BantamTraining

extension StepRunner {
    /// What one round of pruning came to.
    public struct PruningRound<Plan: Encodable & Sendable>: Encodable, Sendable {
        /// What went before the first round.
        public var sparseLearning: TrainingSummary?
        public var plan: Plan
        /// Layers that were fitted to what they computed before.
        public var reconstruction: [Reconstruction.Record]
        public var training: TrainingSummary?
    }

    /// Prunes in rounds; the model as it is given teaches what becomes of it.
    func prune(
        _ graph: Graph, _ gradual: GradualPruning, _ observe: (TrainingEvent) throws -> Void
    ) throws -> Outcome {
        guard gradual.rounds >= 1 else { throw CompressionError.invalidRounds(gradual.rounds) }
        try graph.requireNotQuantized()
        switch gradual.method {
        case .channels(let configuration):
            let quantity = configuration.target.quantity
            let start = try context.meter.amount(of: quantity, in: graph)
            let amounts = gradual.amounts(from: start, to: try configuration.target.most(of: start))
            var sparse = Outcome(graph: graph)
            if let sparseLearning = gradual.sparseLearning {
                sparse = try learnSparsely(graph, sparseLearning, for: gradual, configuration, observe)
            }
            return try prune(graph, from: sparse, to: amounts, gradual, keepsZeros: false, observe) { pruned, round in
                var pruning = configuration
                pruning.target = PruningTarget(quantity, .amount(round.amount))
                let plan = try StoredPlan.plan(for: pruning, in: gradual.training == nil ? nil : round.checkpoints) {
                    try channelPlan(for: pruned, pruning, of: graph, isLast: round.isLast, observe)
                }
                let before = pruned
                try StructuredPruning.apply(plan, to: &pruned)
                let fitted = try reconstruct(
                    &pruned, of: before, after: plan, samples: gradual.reconstructionSamples, observe)
                return (plan, fitted)
            }
        case .weights(let configuration):
            guard gradual.sparseLearning == nil else { throw CompressionError.sparseLearningOfWeights }
            try UnstructuredPruning.check(configuration)
            let zeros = min(try UnstructuredPruning.sparsity(of: graph, configuration), configuration.sparsity)
            let amounts = gradual.amounts(from: zeros, to: configuration.sparsity)
            let start = Outcome(graph: graph)
            return try prune(graph, from: start, to: amounts, gradual, keepsZeros: true, observe) { pruned, round in
                var pruning = configuration
                pruning.sparsity = round.amount
                let plan = try UnstructuredPruning.plan(for: pruned, pruning)
                try UnstructuredPruning.apply(plan, to: &pruned)
                return (plan, [])
            }
        }
    }

    /// What goes in a round: by the fallback where the criterion judges too few groups.
    private func channelPlan(
        for pruned: Graph, _ pruning: StructuredPruning.Configuration, of original: Graph, isLast: Bool,
        _ observe: (TrainingEvent) throws -> Void
    ) throws -> StructuredPruning.Plan {
        func plan(_ pruning: StructuredPruning.Configuration) throws -> StructuredPruning.Plan {
            let evidence = try evidence(of: pruned, for: pruning, teacher: original, observe)
            guard isLast else {
                return try StructuredPruning.plan(for: pruned, pruning, evidence: evidence, meter: context.meter)
            }
            return pruning.timesMultiples
                ? try ChannelRounding.plan(
                    for: pruned, pruning, evidence: evidence, meter: context.meter, fasterThan: original)
                : try ChannelRounding.usualPlan(for: pruned, pruning, evidence: evidence, meter: context.meter)
        }
        guard let fallback = pruning.fallback else { return try plan(pruning) }
        if let found = try StructuredPruning.reachable({ try plan(pruning) }) { return found }
        var other = pruning
        other.criterion = fallback
        return try plan(other)
    }

    func prunedObjective(
        _ gradual: GradualPruning, _ training: TrainingConfiguration, teacher graph: Graph
    ) throws -> PrunedObjective {
        try PrunedObjective(
            gradual, training, teacher: graph,
            objective: try objective(ofOriginal: graph, training, gradual.distillation), device: device)
    }

    /// One of the rounds that are to come.
    private struct Round {
        /// What to come to.
        var amount: Double
        var isLast: Bool
        /// Of the training behind it.
        var checkpoints: CheckpointFolder?
    }

    /// - Parameters:
    ///   - graph: The unpruned model, which teaches.
    ///   - start: What the first round prunes, and the training that made it, if any.
    ///   - amounts: What to come to in each round.
    ///   - step: Prunes the graph in a round, and says which layers it fitted.
    private func prune<Plan: Encodable & Sendable>(
        _ graph: Graph, from start: Outcome, to amounts: [Double], _ gradual: GradualPruning, keepsZeros: Bool,
        _ observe: (TrainingEvent) throws -> Void, step: (inout Graph, Round) throws -> (Plan, [Reconstruction.Record])
    ) throws -> Outcome {
        let epochs = gradual.epochs(of: gradual.training?.epochs ?? 0)
        // One for all rounds, as what the teacher answered holds for the next ones, too.
        let objective = try gradual.training.map { try prunedObjective(gradual, $0, teacher: graph) }
        var outcome = start
        var seconds = start.training?.seconds ?? 0
        var rounds: [PruningRound<Plan>] = []
        for (index, amount) in amounts.enumerated() {
            let round = Round(
                amount: amount, isLast: index == amounts.count - 1,
                checkpoints: checkpoints?.subfolder("round-\(index + 1)"))
            let (plan, fitted) = try step(&outcome.graph, round)
            if !gradual.reconstructs {
                outcome.graph = try recalibrated(outcome.graph, samples: gradual.recalibrationSamples)
            }
            var summary: TrainingSummary?
            if var training = gradual.training, let objective {
                // Single weights that become zero leave all channels where they are.
                let plans = (rounds.map(\.plan) + [plan]).compactMap { $0 as? StructuredPruning.Plan }
                let objective = try objective(of: outcome.graph, after: plans)
                training.epochs = epochs[index]
                let trained = try fit(
                    outcome.graph, objective, training, keepsZeros: keepsZeros, checkpoints: round.checkpoints, observe)
                outcome.graph = trained.graph
                outcome.notes += trained.notes
                summary = trained.training
            }
            seconds += summary?.seconds ?? 0
            rounds.append(
                PruningRound(
                    sparseLearning: index == 0 ? start.training : nil, plan: plan, reconstruction: fitted,
                    training: summary))
            outcome.training = summary
        }
        outcome.plan = rounds
        outcome.notes += rounds.last?.reconstruction.note.map { [$0] } ?? []
        outcome.notes +=
            (rounds.last?.plan as? StructuredPruning.Plan)?.undercutNote(of: amounts.last).map { [$0] } ?? []
        // The last round's, but what was waited for is the time of all.
        outcome.training?.seconds = seconds
        return outcome
    }

    /// Fits the layers that lost inputs, on as many samples as there is memory for.
    private func reconstruct(
        _ pruned: inout Graph, of original: Graph, after plan: StructuredPruning.Plan, samples: Int,
        _ observe: (TrainingEvent) throws -> Void
    ) throws -> [Reconstruction.Record] {
        guard samples > 0, let fittingData else { return [] }
        let size = PairedWalk.batchSize(for: original, atMost: samples)
        var records: [Reconstruction.Record] = []
        try fittingData.sample(size, seed: 0).batches(size: size).forEachBatch(epoch: 0) { batch in
            let inputs = try batch.moved(to: device).inputs
            records += try Reconstruction.apply(
                to: &pruned, of: original, after: plan, inputs: [inputs], device: device
            ) { try observe(.working(part: "fitting layers", share: $0)) }
        }
        return records
    }

    private func recalibrated(_ graph: Graph, samples: Int) throws -> Graph {
        guard samples > 0, let fittingData else { return graph }
        let batches = try fittingData.fullBatches(of: samples, size: graph.fixedBatchSize ?? 128, seed: 0)
        return try NormRecalibration.recalibrated(graph, on: batches, device: device)
    }

    /// The loss by whose change criteria judge channels.
    private func criterionObjective(of graph: Graph, on data: TrainingData) throws -> any Objective {
        let task = try task(of: graph)
        guard task != .unspecified else { return OutputEnergy() }
        return data.isLabelled
            ? CrossEntropy(task: task) : PseudoLabels(of: try liveTeacher(graph), task: task)
    }

    /// What the criterion judges by.
    ///
    /// - Parameter teacher: The unpruned model, which says what samples without labels show.
    func evidence(
        of graph: Graph, for configuration: StructuredPruning.Configuration, teacher: Graph,
        _ observe: (TrainingEvent) throws -> Void
    ) throws -> ImportanceEvidence {
        let criterion = try ImportanceCriteria.named(configuration.criterion)
        let kind = type(of: criterion).evidence
        guard kind != .weights else { return ImportanceEvidence(graph: graph) }
        guard let fittingData else { throw CompressionError.missingGradients(criterion: configuration.criterion) }
        let groups: [ChannelGroup]
        do {
            groups = try ChannelGroups(of: graph, attention: configuration.attention).prunable
        } catch {
            throw CompressionError.invalidGraph(error)
        }
        let sample = fittingData.sample(LossEvidence.usualSampleCount, seed: 0)
        return try ImportanceEvidence(
            kind, of: graph, groups: groups, on: try sample.batches(size: 16),
            objective: try criterionObjective(of: teacher, on: fittingData),
            device: device
        ) { try observe(.working(part: "scoring channels", share: $0)) }
    }
}
