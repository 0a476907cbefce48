import BantamGraph
public import BantamTensor

/// Asks a teacher about each view of each sample once, and remembers what it answered.
///
/// Only for batches whose `view` and `indices` say what their inputs are. Shen and Xing, *A Fast Knowledge Distillation
/// Framework for Visual Recognition*, ECCV 2022.
public final class RememberingTeacher: Teacher {
    /// One input: a sample in one of its views.
    private struct Key: Hashable {
        var sample: Int
        var view: Int
    }

    private let teacher: any Teacher
    private let capacity: Int
    private var positions: [Key: Int] = [:]
    /// The answers, one after the other, each `answerShape`.
    private var answers: [Float] = []
    private var answerShape: [Int] = []

    /// - Parameters:
    ///   - teacher: Who is asked.
    ///   - capacity: Bytes of answers to remember at most; beyond, the teacher is asked again.
    public init(_ teacher: any Teacher, capacity: Int = 1 << 30) {
        self.teacher = teacher
        self.capacity = capacity
    }

    public func answers(to batch: TrainingBatch) throws -> Tensor {
        let keys = batch.indices.map { Key(sample: $0, view: batch.view) }
        let unknown = keys.indices.filter { positions[keys[$0]] == nil }
        if !unknown.isEmpty {
            let answers = try teacher.answers(to: unknown.count == keys.count ? batch : try rows(unknown, of: batch))
            let isRemembered = remember(try answers.data(), of: unknown.map { keys[$0] })
            if unknown.count == keys.count { return answers }
            guard isRemembered else { return try teacher.answers(to: batch) }
        }
        let count = answerShape.reduce(1, *)
        let known = keys.flatMap { key in
            let start = positions[key, default: 0] * count
            return answers[start..<start + count]
        }
        return try Tensor(TensorData(Shape([keys.count] + answerShape), known), device: batch.inputs.device)
    }

    /// - Returns: Whether there was room.
    private func remember(_ data: TensorData, of keys: [Key]) -> Bool {
        let count = data.elementCount / max(keys.count, 1)
        guard (answers.count + data.elementCount) * MemoryLayout<Float>.stride <= capacity else { return false }
        answerShape = Array(data.shape.dimensions.dropFirst())
        for (row, key) in keys.enumerated() { positions[key] = answers.count / max(count, 1) + row }
        data.withFloats { answers.append(contentsOf: $0) }
        return true
    }

    private func rows(_ rows: [Int], of batch: TrainingBatch) throws -> TrainingBatch {
        TrainingBatch(
            inputs: try batch.inputs.selecting(rows, axis: 0),
            labels: try batch.labels.selecting(rows, axis: 0),
            mixture: try batch.mixture.map {
                (try $0.labels.selecting(rows, axis: 0), try $0.shares.selecting(rows, axis: 0))
            },
            indices: rows.map { batch.indices[$0] },
            view: batch.view)
    }
}

extension LiveTeacher {
    /// The teacher for a training: one that remembers, where the same inputs come again.
    public func remembering(during training: TrainingConfiguration) -> any Teacher {
        training.repeatsInputs ? RememberingTeacher(self) : self
    }
}
