import BantamGraph
public import BantamNetwork
import BantamTensor

/// Fits a network's parameters to data.
///
/// The trainer performs what policies decide: the rate of each step (``LearningRateSchedule``), when to stop
/// (``EarlyStopping``), what to keep (``CheckpointPolicy``). It knows no method: what is minimized is an
/// ``Objective``, with what is asked of the weights alone a ``WeightPenalty``; what must stay true of them a
/// ``WeightConstraint``.
///
/// ```swift
/// let trainer = Trainer(network, objective: CrossEntropy(), configuration: configuration)
/// let summary = try trainer.fit(to: data) { event in print(event) }
/// let trained = try network.snapshot()
/// ```
public final class Trainer {
    public let network: Network
    private let objective: any Objective
    private let configuration: TrainingConfiguration
    private let penalties: [any WeightPenalty]
    private let constraints: [any WeightConstraint]
    private let checkpoints: CheckpointFolder?

    /// - Parameter checkpoints: Where to store progress, and to resume from when progress is there.
    public init(
        _ network: Network, objective: any Objective, configuration: TrainingConfiguration,
        penalties: [any WeightPenalty] = [], constraints: [any WeightConstraint] = [],
        checkpoints: CheckpointFolder? = nil
    ) {
        self.network = network
        self.objective = objective
        self.configuration = configuration
        self.penalties = penalties
        self.constraints = constraints
        self.checkpoints = checkpoints
    }

    /// Trains for the configured number of epochs, or until early stopping ends it.
    ///
    /// When it returns, the network holds the weights to export: the moving average where one is kept, the best
    /// epoch's where early stopping watches.
    ///
    /// - Parameters:
    ///   - source: The training data.
    ///   - validation: Data that is not trained on; needed for early stopping. They are judged by accuracy, or by the
    ///     objective's loss where they have no labels.
    ///   - observe: Is told what happens, step by step. What it throws ends the training.
    /// - Throws: `diverged` when the loss is no longer finite; errors of the data and of libtorch.
    public func fit(
        to source: some BatchSource, validation: (any BatchSource)? = nil,
        observe: (TrainingEvent) throws -> Void = { _ in }
    ) throws -> TrainingSummary {
        var progress = try TrainingProgress(network, configuration)
        if let checkpoint = try checkpoints?.latest() {
            try progress.restore(checkpoint)
            try observe(.resumed(epoch: progress.epoch))
        }
        let stepsPerEpoch = source.batchCount
        guard stepsPerEpoch > 0 else { throw TrainingError.noData }
        let start = ContinuousClock.now
        while progress.epoch < configuration.epochs, !progress.isStopped {
            // Anew for each epoch: after a resumption, dropout draws what it would have drawn.
            try RandomGenerator.seedDefaults(configuration.seed &+ UInt64(progress.epoch))
            let loss = try runEpoch(source, &progress, stepsPerEpoch: stepsPerEpoch, observe: observe)
            progress.epoch += 1
            var accuracy: Double?
            var score: Double?
            if let validation, validation.isLabelled {
                accuracy = try progress.withExportedWeights { try self.score(on: validation) }
                score = accuracy
            } else if let validation {
                score = -(try progress.withExportedWeights { try self.loss(on: validation) })
            }
            try observe(.epochEnded(epoch: progress.epoch, loss: loss, accuracy: accuracy))
            if let score { try progress.observe(score: score) }
            if let checkpoints, checkpoints.policy.isDue(afterEpoch: progress.epoch, of: configuration.epochs) {
                let path = try checkpoints.store(try progress.checkpoint())
                try observe(.checkpointStored(path: path))
            }
        }
        try progress.finish()
        let best = progress.stopping?.best
        let isLabelled = validation?.isLabelled ?? true
        return TrainingSummary(
            epochs: progress.epoch, steps: progress.step, finalLoss: progress.lastLoss,
            bestAccuracy: isLabelled ? best : nil, bestValidationLoss: isLabelled ? nil : best.map { -$0 },
            stoppedEarly: progress.isStopped, seconds: (ContinuousClock.now - start).seconds)
    }

    /// The fraction of correct first answers, 0...1, of the network in inference mode.
    public func score(on source: any BatchSource) throws -> Double {
        var correct = 0.0
        var count = 0
        try source.forEachBatch(epoch: 0) { batch in
            let batch = try batch.moved(to: network.device)
            correct += try withoutGradients {
                let logits = try network.forward([batch.inputs]).outputs[0]
                return try logits.argmax(axis: 1).equal(to: batch.labels).converted(to: .float32).sum().item()
            }
            count += batch.indices.count
        }
        return count == 0 ? 0 : correct / Double(count)
    }

    /// The mean of the objective over the samples, with the network in inference mode.
    public func loss(on source: any BatchSource) throws -> Double {
        var sum = 0.0
        var count = 0
        try source.forEachBatch(epoch: 0) { batch in
            let batch = try batch.moved(to: network.device)
            let loss = try withoutGradients {
                try objective.loss(of: try network.forward([batch.inputs], taps: objective.taps), on: batch).item()
            }
            sum += loss * Double(batch.indices.count)
            count += batch.indices.count
        }
        return count == 0 ? 0 : sum / Double(count)
    }

    // MARK: One epoch

    /// - Returns: The mean loss over the epoch.
    private func runEpoch(
        _ source: some BatchSource, _ progress: inout TrainingProgress, stepsPerEpoch: Int,
        observe: (TrainingEvent) throws -> Void
    ) throws -> Double {
        let total = stepsPerEpoch * configuration.epochs
        // Reading a loss waits for the step to finish, so on a device it is read now and then only.
        var meter = LossMeter(readingInterval: network.device.kind == .cpu ? 1 : 16)
        var position = 0
        try source.forEachBatch(epoch: progress.epoch) { batch in
            let rate = configuration.schedule.rate(step: progress.step, of: total)
            let share = Double(progress.step) / Double(total)
            let loss = try takeStep(try batch.moved(to: network.device), rate: rate, share: share, progress)
            progress.step += 1
            position += 1
            if let reading = try meter.add(loss, isLast: position == stepsPerEpoch) {
                guard reading.isFinite else { throw TrainingError.diverged(step: progress.step, rate: rate) }
                progress.lastLoss = reading
                try observe(
                    .stepEnded(step: progress.step, of: total, loss: reading, learningRate: rate))
            }
        }
        return meter.mean
    }

    /// - Parameter share: Of all steps, those that are done.
    private func takeStep(
        _ batch: TrainingBatch, rate: Double, share: Double, _ progress: TrainingProgress
    ) throws -> Tensor {
        let isFrozen = configuration.freezeAfter.map { share >= $0 } ?? false
        let loss = try withPrecision {
            let result = try network.forward(
                [batch.inputs], mode: isFrozen ? .frozenTraining : .training, taps: objective.taps)
            return try objective.loss(of: result, on: batch)
        }
        try loss.backward()
        try withoutGradients {
            if configuration.gradientClipping > 0 {
                try GradientClipping.clip(network.parameters.map(\.tensor), toNorm: configuration.gradientClipping)
            }
            for penalty in penalties { try penalty.addGradients(progress: share) }
            try progress.optimizer.step(learningRate: rate)
            for parameter in network.parameters { try parameter.tensor.setGradient(nil) }
            for constraint in constraints { try constraint.enforce() }
            try progress.average?.update()
        }
        return try loss.detached()
    }

    private func withPrecision<Result>(_ body: () throws -> Result) throws -> Result {
        switch configuration.precision {
        case .float32: try body()
        case .bfloat16: try withAutocast(.bfloat16, on: network.device.kind, body)
        }
    }
}
