import BantamGraph
import BantamTensor
import BantamTraining
import Testing

@Suite struct TeacherLogitsTests {
    /// Five samples, two classes; sample `i` is answered `[i, i + 0.5]`.
    private func logits(_ samples: [Int] = Array(0..<5)) throws -> Tensor {
        try Tensor(TensorData([samples.count, 2], samples.flatMap { [Float($0), Float($0) + 0.5] }))
    }

    @Test func `Rows come in the order of the indices, repeated where these are`() throws {
        let rows = try TeacherLogits(try logits()).rows([3, 0, 3]).data()
        #expect(rows == TensorData([3, 2], [3, 3.5, 0, 0.5, 3, 3.5] as [Float]))
    }

    @Test func `Rows of a part of a data set are found by the samples' places in the whole`() throws {
        let teacher = TeacherLogits(try logits([40, 7, 99]), samples: [40, 7, 99])
        #expect(try teacher.rows([99, 40]).data() == TensorData([2, 2], [99, 99.5, 40, 40.5] as [Float]))
    }

    @Test func `A sample that the data set does not have is an error`() throws {
        let teacher = TeacherLogits(try logits())
        #expect(throws: TorchError.self) { try teacher.rows([5]) }
    }

    @Test func `Each batch of a held-out part meets its own answers`() throws {
        let samples = BandSamples(count: 30)
        let (whole, graph) = (try samples.data(), samples.classifier())
        let teacher = try TeacherLogits(of: NetworkTeacher(graph), on: whole)
        #expect(teacher.logits.shape == [30, 3] && !teacher.logits.requiresGradient)
        let (training, validation) = whole.holdingOut(0.2, seed: 4)
        for part in [training, validation, training.sample(9, seed: 1)] {
            try part.batches(size: 4).forEachBatch(epoch: 0) { batch in
                let answers = try graph.run([try batch.inputs.data()])[0]
                #expect(try teacher.rows(batch.indices).data().difference(from: answers) == nil)
            }
        }
    }

    @Test func `A teacher that saw a part of the data answers for that part`() throws {
        let samples = BandSamples(count: 30)
        let (part, graph) = (try samples.data().holdingOut(0.4, seed: 4).validation, samples.classifier())
        let teacher = try TeacherLogits(of: NetworkTeacher(graph), on: part)
        #expect(teacher.logits.shape == [12, 3])
        try part.batches(size: 5).forEachBatch(epoch: 0) { batch in
            let answers = try graph.run([try batch.inputs.data()])[0]
            #expect(try teacher.rows(batch.indices).data().difference(from: answers) == nil)
        }
    }
}
