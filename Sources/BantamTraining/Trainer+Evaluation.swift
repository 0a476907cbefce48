import BantamGraph
import BantamModel
import BantamNetwork
import BantamTensor

/// Counts right answers on the device, and reads them once.
struct AnswerCount {
    private var correct: [Tensor] = []
    private var total = 0

    mutating func add(_ correct: Tensor, of count: Int) {
        self.correct.append(correct)
        total += count
    }

    /// 0...1; `nil` where nothing was counted.
    func share() throws -> Double? {
        total == 0 ? nil : try Tensor.stack(correct).sum().item() / Double(total)
    }
}

extension Trainer {
    /// What the network in inference mode makes of samples.
    public struct Evaluation: Hashable, Sendable {
        /// With labels the cross-entropy, else the objective's.
        public var loss: Double
        /// 0...1; `nil` without labels or classes.
        public var accuracy: Double?
        public var samples: Int
    }

    /// The fraction of correct first answers, 0...1, of the network in inference mode.
    public func score(on source: any BatchSource) throws -> Double { try evaluate(on: source).accuracy ?? 0 }

    /// The mean loss over the samples, and the share of right answers, with the network in inference mode.
    public func evaluate(on source: any BatchSource) throws -> Evaluation {
        try evaluation(on: source) { body in
            try source.forEachBatch(epoch: 0) { batch in
                let batch = try batch.moved(to: network.device)
                try withoutGradients {
                    try body(try network.forward(anyBatch: batch.inputs, taps: objective.taps), batch)
                }
            }
        }
    }

    /// - Parameter run: Hands each result and its batch on.
    private func evaluation(
        on source: any BatchSource,
        _ run: (_ body: (Network.Result, TrainingBatch) throws -> Void) throws -> Void
    ) throws -> Evaluation {
        var (sum, count) = (0.0, 0)
        var answers = AnswerCount()
        let judgesLabels = source.isLabelled && task != .unspecified
        // A teacher's stored answers are those to training samples; labels hold anywhere.
        let loss: any Objective = judgesLabels ? CrossEntropy(task: task) : objective
        try run { result, batch in
            sum += try loss.loss(of: result, on: batch).item() * Double(batch.indices.count)
            count += batch.indices.count
            if judgesLabels, let correct = try correctAnswers(in: result, batch) {
                answers.add(correct, of: batch.indices.count)
            }
        }
        return Evaluation(loss: count == 0 ? 0 : sum / Double(count), accuracy: try answers.share(), samples: count)
    }

    /// The number of samples whose predicted class is the label's, a scalar; `nil` for a task without classes.
    func correctAnswers(in result: Network.Result, _ batch: TrainingBatch) throws -> Tensor? {
        guard task != .unspecified else { return nil }
        let logits = try task.logits(of: result.outputs[0])
        return try logits.argmax(axis: 1).equal(to: batch.labels).converted(to: .float32).sum()
    }

    /// Gives the trained network the BatchNorm statistics that suit it better: the running ones, or those measured anew.
    ///
    /// - Parameters:
    ///   - calibration: Training samples, unaugmented.
    ///   - validation: What decides; without it the calibration samples do.
    /// - Returns: `nil` for a model without BatchNorm.
    func settleStatistics(
        on calibration: any BatchSource, _ validation: (any BatchSource)?
    ) throws -> StatisticsRecord? {
        guard !network.graph.statistics.isEmpty, calibration.batchCount > 0 else { return nil }
        let running = try network.snapshot()
        var measured = running
        var samples = 0
        let batchwise = try evaluation(on: calibration) { body in
            measured = try NormRecalibration.recalibrated(
                running, on: calibration, device: network.device, taps: objective.taps
            ) { result, batch in
                samples += batch.indices.count
                try body(result, batch)
            }
        }
        let judges = validation ?? calibration
        let before = try evaluate(on: judges)
        try network.load(measured)
        let after = try evaluate(on: judges)
        let isBetter =
            !before.loss.isFinite || (after.accuracy ?? 0, -after.loss) > (before.accuracy ?? 0, -before.loss)
        if !isBetter { try network.load(running) }
        let stored = try evaluate(on: calibration)
        return StatisticsRecord(
            samples: samples, measuredAnew: isBetter, batchLoss: batchwise.loss, batchAccuracy: batchwise.accuracy,
            storedLoss: stored.loss, storedAccuracy: stored.accuracy)
    }
}
