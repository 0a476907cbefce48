import BantamGraph
import BantamModel
import BantamTraining

/// Measures how many right answers changed models lose.
struct AccuracyGauge {
    private let runtime: any Runtime
    private let data: TrainingData
    /// What is right: the labels, or the original's answers.
    private let truth: [Int?]
    private let original: Double

    init(_ runtime: any Runtime, original graph: Graph, on data: TrainingData) throws {
        self.runtime = runtime
        self.data = data
        let own = try Self.answers(of: graph, on: data, runtime)
        truth = data.isLabelled ? data.labels : own
        original = Self.share(of: own, in: truth)
    }

    /// In points of 100; negative for a gain.
    func drop(of graph: Graph) throws -> Double {
        (original - Self.share(of: try Self.answers(of: graph, on: data, runtime), in: truth)) * 100
    }

    /// The class that a model gives first to each sample, one at a time as on the device; `nil` where it gives none.
    private static func answers(of graph: Graph, on data: TrainingData, _ runtime: any Runtime) throws -> [Int?] {
        let model = try RuntimeTeacher(graph, runtime: runtime)
        var answers: [Int?] = []
        try data.batches(size: 1).forEachBatch(epoch: 0) { batch in
            answers.append(try model.answers(to: batch).data().withFloats { TaskDescription.prediction(of: $0) })
        }
        return answers
    }

    private static func share(of answers: [Int?], in truth: [Int?]) -> Double {
        Double(zip(answers, truth).count { $0 != nil && $0 == $1 }) / Double(max(truth.count, 1))
    }
}
