import BantamGraph
public import BantamModel
public import BantamNetwork
import BantamTensor

/// Fits a network's parameters to data.
///
/// The trainer performs what policies decide: the rate of each step (``LearningRateSchedule``), which epoch to keep and
/// when to stop (``EarlyStopping``), when to go back (``DivergenceGuard``), what to store (``CheckpointPolicy``). It
/// knows no method: what is minimized is an ``Objective``, with what is asked of the weights alone a ``WeightPenalty``;
/// what must stay true of them a ``WeightConstraint``.
///
/// ```swift
/// let trainer = Trainer(network, objective: CrossEntropy(), configuration: configuration)
/// let summary = try trainer.fit(to: data) { event in print(event) }
/// let trained = try network.snapshot()
/// ```
public final class Trainer {
    public let network: Network
    let objective: any Objective
    let configuration: TrainingConfiguration
    let task: TaskDescription
    private let penalties: [any WeightPenalty]
    private let constraints: [any WeightConstraint]
    private let checkpoints: CheckpointFolder?
    private let origin: String?

    /// - Parameters:
    ///   - task: What the first output means; by default what the graph tells.
    ///   - checkpoints: Where to store progress, and to resume from when progress is there.
    ///   - origin: Tells apart trainings of other models, data and objectives: a checkpoint with another is refused.
    public init(
        _ network: Network, objective: any Objective, configuration: TrainingConfiguration,
        task: TaskDescription? = nil, penalties: [any WeightPenalty] = [], constraints: [any WeightConstraint] = [],
        checkpoints: CheckpointFolder? = nil, origin: String? = nil
    ) {
        self.network = network
        self.objective = objective
        self.configuration = configuration
        // A graph that is no model fails where it is first run.
        self.task = task ?? ((try? TaskDescription(of: network.graph)) ?? .unspecified)
        self.penalties = penalties
        self.constraints = constraints
        self.checkpoints = checkpoints
        self.origin = origin
    }

    /// Trains for the configured number of epochs, or until early stopping ends it.
    ///
    /// When it returns, the network holds the weights to export: those of the epoch that did best on the validation data
    /// where there are any and the configuration keeps the best, the moving average where one is kept; with BatchNorm's
    /// statistics as they suit these weights.
    ///
    /// - Parameters:
    ///   - source: The training data.
    ///   - validation: Data that is not trained on; needed to keep the best epoch and for early stopping. They are judged
    ///     by accuracy, or by the objective's loss where they have no labels.
    ///   - calibration: Training samples, unaugmented, in full batches, on which BatchNorm's statistics are measured anew
    ///     in the end; without them the running ones stay.
    ///   - observe: Is told what happens, step by step. What it throws ends the training.
    /// - Throws: `diverged` when the loss diverges again and again; errors of the data and of libtorch.
    public func fit(
        to source: some BatchSource, validation: (any BatchSource)? = nil, calibration: (any BatchSource)? = nil,
        observe: (TrainingEvent) throws -> Void = { _ in }
    ) throws -> TrainingSummary {
        var progress = try TrainingProgress(
            network, configuration, divergence: objective.divergence, origin: origin)
        if let checkpoint = try checkpoints?.latest() {
            try progress.restore(checkpoint)
            try observe(.resumed(epoch: progress.epoch))
        }
        let stepsPerEpoch = source.batchCount
        guard stepsPerEpoch > 0 else { throw TrainingError.noData }
        let start = ContinuousClock.now
        func seconds() -> Double { (ContinuousClock.now - start).seconds }
        if progress.history.isEmpty, let validation, progress.stopping != nil {
            try record(EpochRecord(epoch: 0, seconds: seconds()), validation, &progress, observe: observe)
        }
        var lastGood = try progress.checkpoint()
        while progress.epoch < configuration.epochs, !progress.isStopped {
            // Anew for each epoch: after a resumption, dropout draws what it would have drawn.
            try RandomGenerator.seedDefaults(configuration.seed &+ UInt64(progress.epoch))
            do {
                var record = try runEpoch(source, &progress, stepsPerEpoch: stepsPerEpoch, observe: observe)
                progress.epoch += 1
                record.seconds = seconds()
                try self.record(record, validation, &progress, observe: observe)
            } catch let divergence as Divergence {
                let (rollbacks, factor) = (progress.rollbacks + 1, progress.rateFactor / 2)
                guard rollbacks <= progress.divergence.tries else {
                    if progress.divergence.endsWithBest, progress.bestEpoch != nil { break }
                    throw TrainingError.diverged(
                        step: divergence.step, loss: divergence.loss, rate: divergence.rate, tries: rollbacks)
                }
                try progress.restore(lastGood)
                (progress.rollbacks, progress.rateFactor) = (rollbacks, factor)
                progress.divergence.rollBack()
                try observe(.rolledBack(epoch: progress.epoch, loss: divergence.loss, rateFactor: factor))
                continue
            }
            lastGood = try progress.checkpoint()
            if let checkpoints, checkpoints.policy.isDue(afterEpoch: progress.epoch, of: configuration.epochs) {
                try observe(.checkpointStored(path: try checkpoints.store(lastGood)))
            }
        }
        try progress.finish()
        let statistics = try calibration.flatMap { try settleStatistics(on: $0, validation) }
        let best = progress.history.last { $0.epoch == progress.bestEpoch }
        return TrainingSummary(
            epochs: progress.epoch, steps: progress.step, finalLoss: progress.lastLoss,
            bestAccuracy: best?.heldOutAccuracy,
            bestValidationLoss: best?.heldOutAccuracy == nil ? best?.heldOutLoss : nil,
            stoppedEarly: progress.isStopped, seconds: seconds(), history: progress.history,
            bestEpoch: progress.bestEpoch, rollbacks: progress.rollbacks, statistics: statistics)
    }

    /// Adds what held-out samples say of an epoch, and keeps its weights where they say the best so far.
    private func record(
        _ record: EpochRecord, _ validation: (any BatchSource)?, _ progress: inout TrainingProgress,
        observe: (TrainingEvent) throws -> Void
    ) throws {
        var record = record
        if let validation {
            let found = try progress.withExportedWeights { try evaluate(on: validation) }
            (record.heldOutLoss, record.heldOutAccuracy) = (found.loss, found.accuracy)
            record.heldOutSamples = found.samples
            if progress.divergence.isFar(found.loss, from: progress.history.first { $0.epoch == 0 }?.heldOutLoss) {
                throw Divergence(step: progress.step, loss: found.loss, rate: record.learningRate ?? 0)
            }
        }
        progress.history.append(record)
        let isBest = try progress.observe(record)
        try observe(.epochEnded(record, of: configuration.epochs, isBest: isBest))
    }

    // MARK: One epoch

    /// The loss diverged.
    private struct Divergence: Error {
        var step: Int
        var loss: Double
        var rate: Double
    }

    private func runEpoch(
        _ source: some BatchSource, _ progress: inout TrainingProgress, stepsPerEpoch: Int,
        observe: (TrainingEvent) throws -> Void
    ) throws -> EpochRecord {
        let total = stepsPerEpoch * configuration.epochs
        // Reading a loss waits for the step to finish, so on a device it is read now and then only.
        var meter = LossMeter(readingInterval: network.device.kind == .cpu ? 1 : 16)
        var position = 0
        var rate = 0.0
        var answers = AnswerCount()
        try source.forEachBatch(epoch: progress.epoch) { batch in
            rate = configuration.schedule.rate(step: progress.step, of: total) * progress.rateFactor
            let share = Double(progress.step) / Double(total)
            let batch = try batch.moved(to: network.device)
            let step = try takeStep(batch, rate: rate, share: share, progress)
            progress.step += 1
            position += 1
            if source.isLabelled, let correct = step.correct { answers.add(correct, of: batch.indices.count) }
            guard let reading = try meter.add(step.loss, isLast: position == stepsPerEpoch) else { return }
            guard step.isTaken, !progress.divergence.diverges(at: reading) else {
                throw Divergence(step: progress.step, loss: reading, rate: rate)
            }
            progress.lastLoss = reading
            try observe(.stepEnded(step: progress.step, of: total, loss: reading, learningRate: rate))
        }
        // Weights that are far off already are none to come back to.
        guard meter.mean <= progress.divergence.limit else {
            throw Divergence(step: progress.step, loss: meter.mean, rate: rate)
        }
        return EpochRecord(
            epoch: progress.epoch + 1, loss: meter.mean, accuracy: try answers.share(), learningRate: rate, seconds: 0)
    }

    /// What became of a step.
    private struct Step {
        var loss: Tensor
        /// How many samples are answered rightly, a scalar; `nil` where the task has no classes.
        var correct: Tensor?
        /// Whether the weights were changed: not where the gradient is not finite.
        var isTaken = true
    }

    /// - Parameter share: Of all steps, those that are done.
    private func takeStep(
        _ batch: TrainingBatch, rate: Double, share: Double, _ progress: TrainingProgress
    ) throws -> Step {
        let isFrozen = configuration.freezeAfter.map { share >= $0 } ?? false
        var correct: Tensor?
        let loss = try withPrecision {
            let result = try network.forward(
                [batch.inputs], mode: isFrozen ? .frozenTraining : .training, taps: objective.taps)
            correct = try withoutGradients { try correctAnswers(in: result, batch) }
            return try objective.loss(of: result, on: batch)
        }
        var step = Step(loss: try loss.detached(), correct: correct)
        try loss.backward()
        try withoutGradients {
            if configuration.gradientClipping > 0 {
                step.isTaken = try GradientClipping.clip(
                    network.parameters.map(\.tensor), toNorm: configuration.gradientClipping)
            }
            if step.isTaken {
                for penalty in penalties { try penalty.addGradients(progress: share) }
                try progress.optimizer.step(learningRate: rate)
            }
            for parameter in network.parameters { try parameter.tensor.setGradient(nil) }
            for constraint in constraints { try constraint.enforce() }
            try progress.average?.update()
        }
        return step
    }

    private func withPrecision<Result>(_ body: () throws -> Result) throws -> Result {
        switch configuration.precision {
        case .float32: try body()
        case .bfloat16: try withAutocast(.bfloat16, on: network.device.kind, body)
        }
    }
}
