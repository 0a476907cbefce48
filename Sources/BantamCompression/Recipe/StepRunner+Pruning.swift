import BantamGraph
public import BantamTraining

extension StepRunner {
    /// What one round of pruning came to.
    public struct PruningRound: Encodable, Sendable {
        public var plan: StructuredPruning.Plan
        public var training: TrainingSummary?
    }

    /// Prunes in rounds; the model as it is given teaches what becomes of it.
    func prune(
        _ graph: Graph, _ gradual: GradualPruning, _ observe: (TrainingEvent) throws -> Void
    ) throws -> Outcome {
        guard gradual.rounds >= 1 else { throw CompressionError.invalidRounds(gradual.rounds) }
        let quantity = gradual.pruning.target.quantity
        let start = try meter.amount(of: quantity, in: graph)
        let end = try gradual.pruning.target.most(of: start)
        let epochs = gradual.epochs(of: gradual.training?.epochs ?? 0)
        var outcome = Outcome(graph: graph)
        var rounds: [PruningRound] = []
        for (round, amount) in gradual.amounts(from: start, to: end).enumerated() {
            var pruning = gradual.pruning
            pruning.target = PruningTarget(quantity, .amount(amount))
            let plan = try StructuredPruning.plan(
                for: outcome.graph, pruning, loss: try loss(of: outcome.graph, for: pruning), meter: meter)
            try StructuredPruning.apply(plan, to: &outcome.graph)
            outcome.graph = try recalibrated(outcome.graph, samples: gradual.recalibrationSamples)
            var summary: TrainingSummary?
            if var training = gradual.training {
                training.epochs = epochs[round]
                let trained = try fit(
                    outcome.graph, try objective(gradual, training, teacher: graph), training, keepsZeros: false,
                    checkpoints: checkpoints?.subfolder("round-\(round + 1)"), observe)
                outcome.graph = trained.graph
                summary = trained.training
            }
            rounds.append(PruningRound(plan: plan, training: summary))
            outcome.training = summary
        }
        outcome.plan = rounds
        return outcome
    }

    private func objective(
        _ gradual: GradualPruning, _ training: TrainingConfiguration, teacher graph: Graph
    ) throws -> any Objective {
        guard let distillation = gradual.distillation else {
            return CrossEntropy(labelSmoothing: training.labelSmoothing)
        }
        let teacher = try LiveTeacher(graph, device: device, precision: training.precision)
        return Distillation(distillation, teacher: teacher, labelSmoothing: training.labelSmoothing)
    }

    private func recalibrated(_ graph: Graph, samples: Int) throws -> Graph {
        guard samples > 0, let trainingData else { return graph }
        let sample = trainingData.sample(samples, seed: 0)
        return try NormRecalibration.recalibrated(graph, on: try sample.batches(size: 128), device: device)
    }

    /// What the criterion judges by, where it judges by the loss.
    func loss(of graph: Graph, for configuration: StructuredPruning.Configuration) throws -> LossEvidence? {
        let criterion = try ImportanceCriteria.named(configuration.criterion)
        guard type(of: criterion).needsLoss else { return nil }
        guard let trainingData else { throw CompressionError.missingGradients(criterion: configuration.criterion) }
        let groups: [ChannelGroup]
        do {
            groups = try ChannelGroups(of: graph).prunable
        } catch {
            throw CompressionError.invalidGraph(error)
        }
        let sample = trainingData.sample(LossEvidence.usualSampleCount, seed: 0)
        return try LossEvidence(of: graph, groups: groups, on: try sample.batches(size: 16), device: device)
    }
}
