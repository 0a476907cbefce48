package import BantamGraph
package import BantamModel
package import BantamTensor

/// Samples in memory, with what a model answers to them.
package struct AnsweredSamples: BatchSource {
    package let device: Device
    private let precision: ArithmeticPrecision
    package let isLabelled: Bool
    package let count: Int
    /// Of the model that was asked, 0...1; `nil` without labels.
    package let accuracy: Double?
    private let batches: [TrainingBatch]
    /// Logits, a tensor for each batch.
    private let answers: [Tensor]

    package var batchCount: Int { batches.count }

    /// - Throws: `noCalibrationData` without a sample; `noScores`; `notFinite`.
    package init(
        _ source: some BatchSource, graph: Graph, device: Device, precision: ArithmeticPrecision
    ) throws {
        let model = try NetworkTeacher(graph, device: device, precision: precision)
        var batches: [TrainingBatch] = []
        var answers: [Tensor] = []
        var correct = 0.0
        var count = 0
        let isLabelled = source.isLabelled
        try source.forEachBatch(epoch: 0) { batch in
            let batch = try batch.moved(to: device)
            try withoutGradients {
                let logits = try model.answers(to: batch)
                guard logits.rank >= 2, logits.shape[1] > 1 else { throw CompressionError.noScores(logits.shape) }
                guard try logits.converted(to: .float64).sum().item().isFinite else {
                    throw CompressionError.notFiniteOutput(of: graph.name)
                }
                if isLabelled { correct += try Self.matches(try logits.argmax(axis: 1), batch.labels) }
                answers.append(logits)
            }
            batches.append(batch)
            count += batch.indices.count
        }
        guard count > 0 else { throw CompressionError.noTrainingData }
        self.device = device
        self.precision = precision
        self.isLabelled = isLabelled
        self.count = count
        self.batches = batches
        self.answers = answers
        accuracy = isLabelled ? correct / Double(count) : nil
    }

    package func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
        for batch in batches { try body(batch) }
    }

    /// How another model's answers compare with those of the model that was asked.
    package struct Comparison {
        /// The share of right answers, 0...1; `nil` where the samples have no labels.
        package var accuracy: Double?
        /// The share of samples whose first answer is the same, 0...1.
        package var agreement: Double
        /// The mean divergence of the answers, `KL(before || after)`. Unit: nat.
        package var divergence: Double
    }

    /// How the model that was asked compares with itself.
    package var untouched: Comparison { Comparison(accuracy: accuracy, agreement: 1, divergence: 0) }

    /// How another model's answers compare.
    ///
    /// - Parameter name: Of what was removed, for an error.
    package func compare(_ graph: Graph, name: String) throws -> Comparison {
        let model = try NetworkTeacher(graph, device: device, precision: precision)
        let distance = TemperatureKL(temperature: 1)
        var (correct, same, divergence) = (0.0, 0.0, 0.0)
        for (batch, before) in zip(batches, answers) {
            try withoutGradients {
                let after = try model.answers(to: batch)
                let choice = try after.argmax(axis: 1)
                if isLabelled { correct += try Self.matches(choice, batch.labels) }
                // A share, since an answer may have several places: one for each pixel, say.
                same +=
                    try Self.matches(choice, try before.argmax(axis: 1)) * Double(batch.indices.count)
                    / Double(choice.shape.elementCount)
                divergence +=
                    try distance(student: after, teacher: before, labels: batch.labels).item()
                    * Double(batch.indices.count)
            }
        }
        guard divergence.isFinite else { throw CompressionError.notFiniteOutput(of: name) }
        let total = Double(count)
        // Rounding may leave the divergence of equal answers a little below zero.
        return Comparison(
            accuracy: isLabelled ? correct / total : nil, agreement: same / total,
            divergence: max(divergence / total, 0))
    }

    private static func matches(_ left: Tensor, _ right: Tensor) throws -> Double {
        try left.equal(to: right).converted(to: .float32).sum().item()
    }
}
