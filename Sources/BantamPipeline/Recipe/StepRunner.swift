import BantamEdge
public import BantamGraph
public import BantamModel
import BantamNetwork
import BantamPruning
import BantamRestructuring
public import BantamStage
import BantamTensor
public import BantamTraining

/// Performs single steps of a recipe: the one place where plans are made, applied and trained.
///
/// The commands `train`, `prune`, `quantize` and `distill` are recipes of one or two steps and use it too.
public final class StepRunner {
    let trainingData: TrainingData?
    private lazy var parts = trainingData?.settingAside()
    /// The samples that a model is fitted to, by training or otherwise: those that judge it are left out.
    var fittingData: TrainingData? { parts?.training }
    private let makeTeacher: (String) throws -> TeacherModel
    private var teachers: [String: TeacherModel] = [:]
    let checkpoints: CheckpointFolder?
    let context: StageContext
    var device: Device { context.device }
    /// What teachers answered to the samples as they are: several steps may learn from one.
    var answers: [String: TeacherLogits] = [:]
    /// Of the step that is performed: which model, data and settings its checkpoints belong to.
    private var origin: String?

    /// - Parameters:
    ///   - data: What to train and calibrate on; steps that do neither need none. What it sets aside judges the epochs of
    ///     a training.
    ///   - checkpoints: Where a training stores its progress.
    ///   - context: Of all steps.
    ///   - teacher: The model of this name in a ``Recipe/Step/distill(_:_:teacher:keepsZeros:)`` step: the same each time.
    public init(
        data: TrainingData?, in context: StageContext = StageContext(), checkpoints: CheckpointFolder? = nil,
        teacher: @escaping (String) throws -> TeacherModel = { throw CompressionError.noTeacher($0) }
    ) {
        trainingData = data
        self.context = context
        self.checkpoints = checkpoints
        makeTeacher = teacher
    }

    /// What a step leaves.
    public struct Outcome {
        public var graph: Graph
        /// What was decided, for the report: a ``/BantamPruning/StructuredPruning`` and the like.
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
        origin = checkpoints == nil ? nil : try fingerprint(of: step, on: graph)
        switch hasLabels ? step : step.withoutLabels {
        case .train(let configuration, let keepsZeros):
            return try train(graph, configuration, keepsZeros: keepsZeros, observe)
        case .distill(let configuration, let distillation, let name, let keepsZeros):
            let objective = try objective(of: graph, configuration, distillation, teacher: name, observe)
            return try fit(
                graph, objective, configuration, keepsZeros: keepsZeros, checkpoints: checkpoints, observe)
        case .separateConvolutions:
            let plan = try SeparableConvolution.plan(for: graph)
            return Outcome(graph: try applying(graph) { try SeparableConvolution.apply(plan, to: &$0) }, plan: plan)
        case .prune(let gradual):
            return try prune(graph, gradual, observe)
        case .quantizeStatic(let configuration):
            return try quantize(graph, configuration, observe)
        case .quantizeDynamic:
            return try quantizeDynamically(graph)
        case .quantizeAware(let aware):
            return try quantizeAware(graph, aware, observe)
        case .quantizeWeights(let configuration):
            return try quantizeWeights(of: graph, configuration)
        }
    }

    // MARK: Training

    /// Trains on labels, the classifier first where it answers at chance and the other layers have learned already.
    private func train(
        _ graph: Graph, _ configuration: TrainingConfiguration, keepsZeros: Bool,
        _ observe: (TrainingEvent) throws -> Void
    ) throws -> Outcome {
        let objective = try labels(of: graph, configuration)
        var (start, configuration) = (graph, configuration)
        var record: ClassifierFit.Record?
        if let rate = configuration.rateAfterClassifierFit, !keepsZeros, let heldOut = parts?.heldOut,
            let fit = ClassifierFit(objective, device: device, configuration),
            let fitted = try fit.fitted(graph, to: try dataToFit(), heldOut: heldOut)
        {
            (start, record) = fitted
            configuration.schedule.peak = rate
            try observe(.classifierFitted(fitted.record))
        }
        var outcome = try fit(
            start, objective, configuration, keepsZeros: keepsZeros, checkpoints: checkpoints, observe)
        outcome.training?.classifierFit = record
        outcome.notes = outcome.training?.notes ?? []
        return outcome
    }

    func fit(
        _ graph: Graph, _ objective: any Objective, _ configuration: TrainingConfiguration, keepsZeros: Bool,
        checkpoints: CheckpointFolder?, penalties: (Network) throws -> [any WeightPenalty] = { _ in [] },
        constraints: (Network) throws -> [any WeightConstraint] = { _ in [] },
        _ observe: (TrainingEvent) throws -> Void
    ) throws -> Outcome {
        var configuration = configuration
        // A model that insists on a batch is given it.
        configuration.batchSize = graph.fixedBatchSize ?? configuration.batchSize
        let needsJudges = configuration.keepsBest || configuration.earlyStopping != nil
        let training = needsJudges ? try dataToFit() : try data()
        let heldOut = needsJudges ? parts?.heldOut : nil
        let batches = try training.batches(for: configuration)
        let network = try Network(
            graph.withRunningStatistics(over: batches.batchCount), device: device,
            frozen: try configuration.frozenParameters(of: graph))
        let mask: [any WeightConstraint] = keepsZeros ? [try SparsityMask(zerosOf: network)] : []
        let trainer = Trainer(
            network, objective: objective, configuration: configuration, task: try task(of: graph),
            penalties: try penalties(network), constraints: mask + (try constraints(network)),
            checkpoints: checkpoints, origin: origin)
        try observe(
            .started(samples: training.count, heldOut: heldOut?.count ?? 0, batchSize: configuration.batchSize))
        let summary = try trainer.fit(
            to: batches,
            validation: try heldOut.map { _ in try data().judges().samples.batches(size: configuration.batchSize) },
            calibration: try training.fullBatches(
                of: Self.calibrationSamples,
                size: graph.fixedBatchSize ?? Self.calibrationBatch(configuration.batchSize),
                seed: configuration.seed),
            observe: observe)
        return Outcome(
            graph: graph.takingWeights(of: try network.snapshot()), training: summary, notes: summary.notes)
    }

    /// Samples on which BatchNorm's statistics are measured anew after a training.
    private static let calibrationSamples = 2048

    /// Larger than that of the training, as nothing is kept for a backward pass: what a layer is given depends on the
    /// statistics of those before it, which are the samples' own only where the batch is large.
    private static func calibrationBatch(_ size: Int) -> Int { max(size, min(size * 8, 256)) }

    private func fingerprint(of step: Recipe.Step, on graph: Graph) throws -> String {
        var fingerprint = Fingerprint()
        fingerprint.add(graph)
        if let trainingData { try fingerprint.add(trainingData) }
        if case .distill(_, let distillation, let name, _) = step {
            fingerprint.add("\(distillation)")
            fingerprint.add(try teacher(name).graph)
        }
        return fingerprint.text
    }

    /// A model that is asked about batches: by the runtime, several times as fast as in libtorch, which runs what that does
    /// not take and all that is trained on another device.
    func liveTeacher(_ graph: Graph, _ precision: ArithmeticPrecision = .float32) throws -> any LiveTeacher {
        if device == .cpu {
            do {
                return try RuntimeTeacher(graph, runtime: context.runtime, precision: precision)
            } catch let error as EdgeError where error.code != .missingLibrary {
                // libtorch runs all that Bantam reads.
            }
        }
        return try NetworkTeacher(graph, device: device, precision: precision)
    }

    /// The model of this name, read once.
    package func teacher(_ name: String) throws -> TeacherModel {
        if let known = teachers[name] { return known }
        let model = try makeTeacher(name)
        teachers[name] = model
        return model
    }

    func data() throws(CompressionError) -> TrainingData {
        guard let trainingData else { throw .noTrainingData }
        return trainingData
    }

    func dataToFit() throws(CompressionError) -> TrainingData {
        guard let fittingData else { throw .noTrainingData }
        return fittingData
    }

    func applying(_ graph: Graph, _ change: (inout Graph) throws -> Void) rethrows -> Graph {
        var copy = graph
        try change(&copy)
        return copy
    }
}
