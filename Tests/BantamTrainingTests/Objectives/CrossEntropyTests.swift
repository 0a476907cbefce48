import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Glibc
import Testing

@Suite struct CrossEntropyTests {
    /// Logits `[2, 3]` and the labels 2 and 0.
    private static let logits: [[Double]] = [[1, -0.5, 2], [0.25, 3, -1]]
    private static let labels = [2, 0]

    /// `(1 - s) (-log p[label]) + s / K sum_k (-log p[k])`, averaged: PyTorch's definition of smoothing.
    private func formula(smoothing: Double) -> Double {
        let losses = zip(Self.logits, Self.labels).map { row, label in
            let total = row.reduce(0) { $0 + exp($1) }
            let costs = row.map { log(total) - $0 }
            return (1 - smoothing) * costs[label] + smoothing / Double(row.count) * costs.reduce(0, +)
        }
        return losses.reduce(0, +) / Double(losses.count)
    }

    @Test(arguments: [0, 0.1, 0.5, 1]) func `Label smoothing is PyTorch's formula`(_ smoothing: Double) throws {
        let logits = try Tensor(TensorData([2, 3], Self.logits.flatMap { $0.map { Float($0) } })).requireGradient()
        let labels = try Tensor(TensorData([2], Self.labels.map { Int64($0) }))
        let batch = TrainingBatch(inputs: logits, labels: labels, indices: [0, 1])
        let result = Network.Result(outputs: [logits])
        let loss = try CrossEntropy(labelSmoothing: smoothing).loss(of: result, on: batch)
        #expect(abs(try loss.item() - formula(smoothing: smoothing)) < 1e-6)
        // Its gradient is (softmax - smoothed target) / N.
        try loss.backward()
        let gradient = try #require(logits.gradient).data()
        let expected = zip(Self.logits, Self.labels).flatMap { row, label in
            let total = row.reduce(0) { $0 + exp($1) }
            return row.enumerated().map { index, logit in
                let target = (index == label ? 1 - smoothing : 0) + smoothing / 3
                return (exp(logit) / total - target) / 2
            }
        }
        #expect(gradient.difference(from: TensorData(TensorType(.float32, [2, 3]), rounding: expected)) == nil)
    }

    @Test(arguments: [0, 0.1]) func `The labels of a mixed input count by their shares`(_ smoothing: Double) throws {
        func loss(_ labels: [Int64], mixedWith others: ([Int64], [Float])? = nil) throws -> Double {
            let logits = try Tensor(TensorData([2, 3], Self.logits.flatMap { $0.map { Float($0) } }))
            let batch = TrainingBatch(
                inputs: logits, labels: try Tensor(TensorData([2], labels)),
                mixture: try others.map { (try Tensor(TensorData([2], $0.0)), try Tensor(TensorData([2], $0.1))) },
                indices: [0, 1])
            return try CrossEntropy(labelSmoothing: smoothing).loss(of: .init(outputs: [logits]), on: batch).item()
        }
        let (own, other) = (try loss([2, 0]), try loss([1, 1]))
        #expect(abs(try loss([2, 0], mixedWith: ([1, 1], [0.25, 0.25])) - (0.75 * own + 0.25 * other)) < 1e-6)
        #expect(abs(try loss([2, 0], mixedWith: ([1, 2], [0, 0])) - own) < 1e-6)
    }
}
