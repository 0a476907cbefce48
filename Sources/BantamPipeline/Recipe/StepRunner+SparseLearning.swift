import BantamGraph
import BantamModel
import BantamNetwork
import BantamPruning
import BantamTraining

extension StepRunner {
    /// Trains with a penalty that drives channels towards zero, those to be removed or all.
    func learnSparsely(
        _ graph: Graph, _ sparse: SparseLearning, for gradual: GradualPruning,
        _ pruning: StructuredPruning.Configuration, _ observe: (TrainingEvent) throws -> Void
    ) throws -> Outcome {
        let regularizer = try sparse.made()
        guard var training = gradual.training else { throw CompressionError.noTrainingData }
        training.epochs = sparse.epochs
        // Stopping where accuracy is best would undo it: the penalty costs some until the channels are gone.
        training.earlyStopping = nil
        training.keepsBest = false
        let parts = try penalizedChannels(
            of: graph, for: pruning, chosenOnly: type(of: regularizer).penalizesChosenChannels, observe)
        let objective = try prunedObjective(gradual, training, teacher: graph).ofOriginal
        return try fit(
            graph, objective, training, keepsZeros: false,
            checkpoints: checkpoints?.subfolder("sparse"),
            penalties: { [try ChannelPenalty(regularizer, on: parts, of: $0)] }, observe)
    }

    /// - Parameter chosenOnly: Whether it is the channels that would go now; otherwise all that may.
    private func penalizedChannels(
        of graph: Graph, for pruning: StructuredPruning.Configuration, chosenOnly: Bool,
        _ observe: (TrainingEvent) throws -> Void
    ) throws -> [ChannelPenalty.Part] {
        let groups: [ChannelGroup]
        do {
            groups = try ChannelGroups(of: graph, attention: pruning.attention).groups
        } catch {
            throw CompressionError.invalidGraph(error)
        }
        guard chosenOnly else {
            return groups.filter { $0.isPrunable && pruning.limits.protection(of: $0, in: graph) == nil }
                .map { ChannelPenalty.Part($0, channels: Array(0..<$0.channelCount)) }
        }
        let plan = try StructuredPruning.plan(
            for: graph, pruning, evidence: try evidence(of: graph, for: pruning, teacher: graph, observe),
            meter: context.meter)
        return plan.groups.map { ChannelPenalty.Part(groups[$0.index], channels: $0.removed) }
    }
}
