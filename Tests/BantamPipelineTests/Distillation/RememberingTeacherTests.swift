import BantamGraph
import BantamTensor
import BantamTraining
import Testing

@Suite struct RememberingTeacherTests {
    /// Answers `[x, -x]` to a sample `x`, and counts the samples it is asked about.
    private final class CountingTeacher: Teacher {
        var asked = 0

        func answers(to batch: TrainingBatch) throws -> Tensor {
            asked += batch.indices.count
            let values = try batch.inputs.data().elements(of: Float.self)
            return try Tensor(TensorData([values.count, 2], values.flatMap { [$0, -$0] }))
        }
    }

    /// Sample `i` is seen as `10 * view + i`.
    private func batch(_ indices: [Int], view: Int = 0) throws -> TrainingBatch {
        TrainingBatch(
            inputs: try Tensor(TensorData([indices.count, 1], indices.map { Float(10 * view + $0) })),
            labels: try Tensor(TensorData([indices.count], indices.map(Int64.init))), indices: indices, view: view)
    }

    private func expected(_ indices: [Int], view: Int = 0) -> TensorData {
        TensorData([indices.count, 2], indices.flatMap { [Float(10 * view + $0), -Float(10 * view + $0)] })
    }

    @Test func `It asks about each sample once, in whatever batch it comes`() throws {
        let teacher = CountingTeacher()
        let remembering = RememberingTeacher(teacher)
        for (indices, asked) in [([3, 1], 2), ([1, 3], 2), ([4, 3, 0], 4), ([0, 1, 3, 4], 4)] {
            #expect(try remembering.answers(to: try batch(indices)).data() == expected(indices))
            #expect(teacher.asked == asked)
        }
    }

    @Test func `Another view of a sample is asked about anew`() throws {
        let teacher = CountingTeacher()
        let remembering = RememberingTeacher(teacher)
        for view in [0, 1, 0, 1] {
            #expect(try remembering.answers(to: try batch([2, 5], view: view)).data() == expected([2, 5], view: view))
        }
        #expect(teacher.asked == 4)
    }

    @Test func `What there is no room for is asked again, and right`() throws {
        let teacher = CountingTeacher()
        let remembering = RememberingTeacher(teacher, capacity: 20)
        for indices in [[0, 1], [1, 2], [0, 1], [2, 3], [2, 3]] {
            #expect(try remembering.answers(to: try batch(indices)).data() == expected(indices))
        }
        // Two; the third and then both again; none; two each.
        #expect(teacher.asked == 2 + 1 + 2 + 0 + 2 + 2)
    }

    @Test func `A training knows whether it sees an input twice`() {
        #expect(TrainingConfiguration(epochs: 2).repeatsInputs)
        #expect(!TrainingConfiguration(epochs: 1).repeatsInputs)
        #expect(!TrainingConfiguration(epochs: 9, augmentation: [.horizontalFlip(probability: 0.5)]).repeatsInputs)
        #expect(TrainingConfiguration(epochs: 9, augmentation: [.randomCrop(padding: 4)], views: 4).repeatsInputs)
        #expect(!TrainingConfiguration(epochs: 4, augmentation: [.randomCrop(padding: 4)], views: 4).repeatsInputs)
    }
}
