import BantamGraph
import BantamModel
import BantamStage
import BantamTraining

/// Measures how many right answers the files of changed models lose.
struct AccuracyGauge {
    private let answers: ModelMeter.AnswerMeter
    private let data: TrainingData
    /// What is right: the labels, or the original's answers.
    private let truth: [Int?]
    private let original: Double

    init(_ meter: ModelMeter, original graph: Graph, on data: TrainingData) throws {
        guard let answers = meter.answers else { throw CompressionError.noMeterOfAnswers }
        self.answers = answers
        self.data = data
        let own = try answers(graph, data)
        truth = data.isLabelled ? data.labels : own
        original = Self.share(of: own, in: truth)
    }

    /// In points of 100; negative for a gain.
    func drop(of graph: Graph) throws -> Double {
        (original - Self.share(of: try answers(graph, data), in: truth)) * 100
    }

    private static func share(of answers: [Int?], in truth: [Int?]) -> Double {
        Double(zip(answers, truth).count { $0 != nil && $0 == $1 }) / Double(max(truth.count, 1))
    }
}
