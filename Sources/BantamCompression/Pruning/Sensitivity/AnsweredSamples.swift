import BantamGraph
import BantamTensor
import BantamTraining

/// Samples in memory, with what a model answers to them.
struct AnsweredSamples: BatchSource {
    let device: Device
    private let precision: TrainingConfiguration.Precision
    let isLabelled: Bool
    let count: Int
    /// Of the model that was asked, 0...1; `nil` without labels.
    let accuracy: Double?
    private let batches: [TrainingBatch]
    /// Logits, a tensor for each batch.
    private let answers: [Tensor]

    var batchCount: Int { batches.count }

    /// - Throws: `noCalibrationData` without a sample; `noScores`; `notFinite`.
    init(
        _ source: some BatchSource, graph: Graph, device: Device, precision: TrainingConfiguration.Precision
    ) throws {
        let model = try LiveTeacher(graph, device: device, precision: precision)
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

    func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
        for batch in batches { try body(batch) }
    }

    /// How the model that was asked compares with itself.
    var untouched: SensitivityReport.Point {
        SensitivityReport.Point(fraction: 0, removed: 0, accuracy: accuracy, agreement: 1, divergence: 0)
    }

    /// How another model's answers compare.
    ///
    /// - Parameter name: Of what was removed, for an error.
    /// - Returns: A point without fraction and number.
    func compare(_ graph: Graph, name: String) throws -> SensitivityReport.Point {
        let model = try LiveTeacher(graph, device: device, precision: precision)
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
        return SensitivityReport.Point(
            fraction: 0, removed: 0, accuracy: isLabelled ? correct / total : nil, agreement: same / total,
            divergence: max(divergence / total, 0))
    }

    private static func matches(_ left: Tensor, _ right: Tensor) throws -> Double {
        try left.equal(to: right).converted(to: .float32).sum().item()
    }
}
