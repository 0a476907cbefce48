import BantamGraph
import BantamModel
import Testing

@testable import BantamEdge

/// The `identity` model gives its input back, so the images are the scores.
@Suite struct EvaluationTests {
    /// Rows of six scores with these classes first, second, ...
    private func scores(_ rankings: [[Int]]) -> TensorData {
        var numbers = [Float](repeating: 0, count: rankings.count * 6)
        for (row, ranking) in rankings.enumerated() {
            for (place, label) in ranking.enumerated() { numbers[row * 6 + label] = Float(6 - place) }
        }
        return TensorData([rankings.count, 6], numbers)
    }

    @Test func `Top-1, top-5, class counts and confusion are counted over batches`() throws {
        let session = try InferenceSession(contentsOf: fixture("identity"))
        let batches: [Evaluation.Batch] = [
            (scores([[0, 1, 2, 3, 4, 5], [1, 0, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]]), [0, 0, 0]),
            (scores([[5, 4, 3, 2, 1, 0]]), [5]),
        ]
        let result = try Evaluation.classify(session, batches: batches)
        #expect(result.samples == 4)
        #expect(result.top1 == 0.5)
        #expect(result.top5 == 0.75)
        #expect(result.perClass[0] == .init(samples: 3, correct: 1))
        #expect(result.perClass[5] == .init(samples: 1, correct: 1))
        #expect(result.confusion[0] == [1, 1, 0, 0, 0, 1])
        #expect(result.confusion[5] == [0, 0, 0, 0, 0, 1])
    }

    @Test func `A fixed batch is filled up, and the filling is not counted`() throws {
        // `double_of_two` takes two images at a time.
        let session = try InferenceSession(contentsOf: fixture("double_of_two"))
        let rankings = (0..<5).map { label in [label] + (0..<6).filter { $0 != label } }
        var progress: [Int] = []
        var batches: [Evaluation.Batch] = [(scores(rankings), [0, 1, 2, 3, 3])]
        let result = try Evaluation.classify(
            session, onBatch: { progress.append($0) }, nextBatch: { batches.popLast() })
        #expect(result.samples == 5)
        #expect(result.top1 == 0.8)
        #expect(result.confusion[3] == [0, 0, 0, 1, 1, 0])
        #expect(progress == [5])
    }

    @Test func `Equal scores count in the order of classes, and NaN is never right`() {
        var counts = ClassificationCounts(classes: 3)
        counts.count(scores: [1, 1, 0], label: 0)
        counts.count(scores: [1, 1, 0], label: 1)
        counts.count(scores: [.nan, 1, 0], label: 1)
        counts.count(scores: [.nan, .nan, .nan], label: 0)
        counts.count(scores: [-.infinity, -.infinity, -.infinity], label: 0)
        let result = counts.result
        #expect(result.samples == 5)
        #expect(result.top1 == 0.4)
        #expect(result.top5 == nil)
        #expect(result.confusion == [[2, 0, 0], [1, 1, 0], [0, 0, 0]])
    }

    @Test func `Scores come in the samples' order, whatever batch the model insists on, and no samples are refused`()
        throws
    {
        // `double_of_two` takes two images at a time.
        let pairs = try InferenceSession(contentsOf: fixture("double_of_two"))
        var images = [scores((0..<5).map { label in [label] + (0..<6).filter { $0 != label } })]
        var answers: [Int?] = []
        try Evaluation.scores(pairs, nextImages: { images.popLast() }) { rows, classes in
            for start in stride(from: 0, to: rows.count, by: classes) {
                answers.append(TaskDescription.prediction(of: rows[start..<start + classes]))
            }
        }
        #expect(answers == [0, 1, 2, 3, 4])
        #expect(throws: EdgeError.self) { try Evaluation.scores(pairs, nextImages: { nil }) { _, _ in } }
    }

    @Test func `Labels outside the classes, a missing label and an empty set are refused`() throws {
        let session = try InferenceSession(contentsOf: fixture("identity"))
        let image = scores([[0, 1, 2, 3, 4, 5]])
        func message(_ batches: [Evaluation.Batch]) -> String? {
            #expect(throws: EdgeError.self) { try Evaluation.classify(session, batches: batches) }?.message
        }
        #expect(message([(image, [6])])?.hasPrefix("label 6 does not fit the model's 6 classes") == true)
        #expect(message([(image, [-1])])?.hasPrefix("label -1") == true)
        #expect(message([(image, [0, 1])])?.hasPrefix("2 labels came with images of shape [1, 6]") == true)
        #expect(message([])?.hasPrefix("the data set has no samples") == true)
    }

    @Test func `A model that is no classifier is refused`() throws {
        let session = try InferenceSession(contentsOf: fixture("conv2d_int8"))
        let error = #expect(throws: EdgeError.self) {
            try Evaluation.classify(session, batches: [(ramp([1, 2, 4, 5]), [0])])
        }
        #expect(error?.message.hasPrefix("output \"y\" is float32[1, 3, 2, 3] for 1 images") == true)
    }

    @Test func `The source's own error is passed on`() throws {
        struct Interrupted: Error {}
        let session = try InferenceSession(contentsOf: fixture("identity"))
        #expect(throws: Interrupted.self) {
            try Evaluation.classify(session, nextBatch: { throw Interrupted() })
        }
    }
}
