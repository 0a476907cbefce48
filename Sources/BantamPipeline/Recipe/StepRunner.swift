public import BantamGraph
public import BantamModel
package import BantamNetwork
import BantamPruning
import BantamRestructuring
public import BantamStage
public import BantamTensor
public import BantamTraining

/// Performs single steps of a recipe: the one place where plans are made, applied and trained.
///
/// The commands `train`, `prune`, `quantize` and `distill` are recipes of one or two steps and use it too.
public final class StepRunner {
    package let trainingData: TrainingData?
    public let device: Device
    package let teacher: (String) throws -> TeacherModel
    package let checkpoints: CheckpointFolder?
    package let meter: ModelMeter
    /// What teachers answered to the samples as they are: several steps may learn from one.
    package var answers: [String: TeacherLogits] = [:]

    /// - Parameters:
    ///   - data: What to train and calibrate on; steps that do neither need none.
    ///   - checkpoints: Where a training stores its progress.
    ///   - meter: Measures what targets and limits are given in.
    ///   - teacher: The model of this name in a ``Recipe/Step/distill(_:_:teacher:keepsZeros:)`` step: the same each time.
    public init(
        data: TrainingData?, device: Device = .cpu, checkpoints: CheckpointFolder? = nil,
        meter: ModelMeter = ModelMeter(),
        teacher: @escaping (String) throws -> TeacherModel = { throw CompressionError.noTeacher($0) }
    ) {
        trainingData = data
        self.device = device
        self.checkpoints = checkpoints
        self.meter = meter
        self.teacher = teacher
    }

    /// What a step leaves.
    public struct Outcome {
        public var graph: Graph
        /// What was decided, for the report: a ``StructuredPruning/Plan`` and the like.
        public var plan: (any Encodable & Sendable)?
        public var training: TrainingSummary?
        /// What a person should know of it, a sentence each.
        public var notes: [String]

        public init(
            graph: Graph, plan: (any Encodable & Sendable)? = nil, training: TrainingSummary? = nil,
            notes: [String] = []
        ) {
            self.graph = graph
            self.plan = plan
            self.training = training
            self.notes = notes
        }
    }

    /// Performs one step on a copy of the graph.
    ///
    /// On data without labels it is done as ``Recipe/Step/withoutLabels`` says.
    ///
    /// - Parameter observe: Is told how a training goes, and how far its teacher is with its answers.
    /// - Throws: `missingLabels`; what the step's method throws. The graph given is unchanged.
    public func perform(
        _ step: Recipe.Step, on graph: Graph, observe: (TrainingEvent) throws -> Void = { _ in }
    ) throws -> Outcome {
        let hasLabels = trainingData?.isLabelled ?? true
        if !hasLabels, let work = step.workThatNeedsLabels { throw CompressionError.missingLabels(for: work) }
        switch hasLabels ? step : step.withoutLabels {
        case .train(let configuration, let keepsZeros):
            let objective = CrossEntropy(labelSmoothing: configuration.labelSmoothing)
            return try fit(
                graph, objective, configuration, keepsZeros: keepsZeros, checkpoints: checkpoints, observe)
        case .distill(let configuration, let distillation, let name, let keepsZeros):
            let objective = Distillation(
                distillation, teacher: try teacher(named: name, for: configuration, observe),
                labelSmoothing: configuration.labelSmoothing)
            return try fit(
                graph, objective, configuration, keepsZeros: keepsZeros, checkpoints: checkpoints, observe)
        case .separateConvolutions:
            let plan = try SeparableConvolution.plan(for: graph)
            return Outcome(graph: try applying(graph) { try SeparableConvolution.apply(plan, to: &$0) }, plan: plan)
        case .prune(let gradual):
            return try prune(graph, gradual, observe)
        case .quantizeStatic(let configuration):
            return try quantize(graph, configuration)
        case .quantizeDynamic:
            return try quantizeDynamically(graph)
        case .quantizeAware(let aware):
            return try quantizeAware(graph, aware, observe)
        case .quantizeWeights(let configuration):
            return try quantizeWeights(of: graph, configuration)
        }
    }

    // MARK: Training

    package func fit(
        _ graph: Graph, _ objective: any Objective, _ configuration: TrainingConfiguration, keepsZeros: Bool,
        checkpoints: CheckpointFolder?, penalties: (Network) throws -> [any WeightPenalty] = { _ in [] },
        constraints: (Network) throws -> [any WeightConstraint] = { _ in [] },
        _ observe: (TrainingEvent) throws -> Void
    ) throws -> Outcome {
        let network = try Network(graph, device: device)
        let mask: [any WeightConstraint] = keepsZeros ? [try SparsityMask(zerosOf: network)] : []
        let trainer = Trainer(
            network, objective: objective, configuration: configuration, penalties: try penalties(network),
            constraints: mask + (try constraints(network)), checkpoints: checkpoints)
        let data = try data()
        let summary: TrainingSummary
        if configuration.earlyStopping == nil {
            summary = try trainer.fit(to: try data.batches(for: configuration), observe: observe)
        } else {
            let (training, validation) = data.holdingOut(0.1, seed: configuration.seed)
            summary = try trainer.fit(
                to: try training.batches(for: configuration), validation: try validation.batches(size: 256),
                observe: observe)
        }
        return Outcome(graph: try network.snapshot(), training: summary)
    }

    package func data() throws(CompressionError) -> TrainingData {
        guard let trainingData else { throw .noTrainingData }
        return trainingData
    }

    package func applying(_ graph: Graph, _ change: (inout Graph) throws -> Void) rethrows -> Graph {
        var copy = graph
        try change(&copy)
        return copy
    }
}
