import BantamGraph
import BantamNetwork
import BantamPipeline
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct DistillationTests {
    /// Answers of a student to the samples 4, 0 and 2, and of its teacher to the samples 0...4.
    private struct Case {
        let student: Tensor
        let teacher: TeacherLogits
        let batch: TrainingBatch

        init() throws {
            var random = SeededGenerator(seed: 2)
            student = try Tensor(.random([3, 4], in: -2...2, from: &random)).requireGradient()
            teacher = TeacherLogits(try Tensor(.random([5, 4], in: -2...2, from: &random)))
            let labels = try Tensor(TensorData([3], [1, 3, 0] as [Int64]))
            batch = TrainingBatch(inputs: student, labels: labels, indices: [4, 0, 2])
        }

        func loss(alpha: Double, temperature: Double = 3, labelSmoothing: Double = 0) throws -> Tensor {
            let configuration = DistillationConfiguration(alpha: alpha, temperature: temperature)
            return try Distillation(configuration, teacher: teacher, labelSmoothing: labelSmoothing)
                .loss(of: Network.Result(outputs: [student]), on: batch)
        }

        func distance(temperature: Double = 3) throws -> Double {
            try TemperatureKL(temperature: temperature)(
                student: student, teacher: try teacher.rows(batch.indices), labels: batch.labels
            ).item()
        }
    }

    @Test(arguments: [0, 0.1]) func `Without the teacher's share it is cross-entropy`(smoothing: Double) throws {
        let example = try Case()
        let hard = try example.student.crossEntropy(with: example.batch.labels, labelSmoothing: smoothing).item()
        #expect(abs(try example.loss(alpha: 0, labelSmoothing: smoothing).item() - hard) < 1e-6)
    }

    @Test(arguments: [1.0, 3, 8]) func `With nothing else it is the distance to the teacher`(temperature: Double) throws
    {
        let example = try Case()
        let distance = try example.distance(temperature: temperature)
        #expect(abs(try example.loss(alpha: 1, temperature: temperature).item() - distance) < 1e-6)
    }

    @Test func `Between these it mixes`() throws {
        let example = try Case()
        let hard = try example.student.crossEntropy(with: example.batch.labels).item()
        let expected = 0.3 * (try example.distance()) + 0.7 * hard
        #expect(abs(try example.loss(alpha: 0.3).item() - expected) < 1e-6)
    }

    @Test func `The student gets a gradient and the teacher does not`() throws {
        let example = try Case()
        try example.loss(alpha: 0.7).backward()
        let gradient = try #require(example.student.gradient).data()
        #expect(gradient.elements(of: Float.self).allSatisfy { $0.isFinite && $0 != 0 })
        #expect(example.teacher.logits.gradient == nil && !example.teacher.logits.requiresGradient)
    }

    @Test(arguments: [nil, 4]) func `A student that learns from a teacher gets closer to it`(frames: Int?) throws {
        let samples = BandSamples(frames: frames)
        let data = try samples.data()
        // The teacher has twice the channels, and was taught by labels.
        let teacher = try StepRunner(data: data)
            .perform(.train(.quick(epochs: 6)), on: samples.classifier(seed: 9, width: 12)).graph
        let answers = try TeacherLogits(of: NetworkTeacher(teacher), on: data).logits
        func distance(_ student: Graph) throws -> Double {
            let logits = try TeacherLogits(of: NetworkTeacher(student), on: data).logits
            let labels = try Tensor(TensorData([data.count], [Int64](repeating: 0, count: data.count)))
            return try TemperatureKL(temperature: 2)(student: logits, teacher: answers, labels: labels).item()
        }
        let student = samples.classifier()
        let runner = StepRunner(data: data, teacher: { _ in TeacherModel(teacher) })
        let outcome = try runner.perform(
            .distill(.quick(epochs: 6), DistillationConfiguration(alpha: 1, temperature: 2), teacher: "teacher"),
            on: student)
        #expect(try distance(outcome.graph) < 0.2 * distance(student))
        // It saw no label, and knows them.
        let trainer = Trainer(try Network(outcome.graph), objective: CrossEntropy(), configuration: .quick())
        #expect(try trainer.score(on: try data.batches(size: 16)) > 0.9)
    }

    @Test func `A configuration survives JSON`() throws {
        let configuration = DistillationConfiguration(alpha: 0.25, temperature: 7)
        #expect(try throughJSON(configuration) == configuration)
    }
}
