import BantamGraph
import BantamTensor
import BantamTestSupport
import BantamTraining
import Glibc
import Testing

@Suite struct TemperatureKLTests {
    /// Logits `[3, 4]` of a student and of its teacher.
    private static let student: [[Double]] = [[1, -0.5, 2, 0], [0.25, 3, -1, 1], [-2, 0, 0.5, 4]]
    private static let teacher: [[Double]] = [[2, -1, 2.5, 0.5], [-1, 4, 0, 0.25], [0, 0, 0, 1]]

    private func softmax(_ logits: [Double], _ temperature: Double) -> [Double] {
        let powers = logits.map { exp($0 / temperature) }
        return powers.map { $0 / powers.reduce(0, +) }
    }

    /// `T^2 / N sum p_teacher log(p_teacher / p_student)`
    private func formula(_ temperature: Double) -> Double {
        let divergences = zip(Self.student, Self.teacher).map { student, teacher in
            zip(softmax(teacher, temperature), softmax(student, temperature)).reduce(0) { sum, pair in
                sum + pair.0 * log(pair.0 / pair.1)
            }
        }
        return temperature * temperature * divergences.reduce(0, +) / Double(divergences.count)
    }

    private func tensor(_ rows: [[Double]]) throws -> Tensor {
        try Tensor(TensorData([rows.count, rows[0].count], rows.joined().map { Float($0) }))
    }

    private func loss(_ student: Tensor, _ teacher: Tensor, temperature: Double) throws -> Tensor {
        let labels = try Tensor(TensorData([student.shape[0]], [Int64](repeating: 0, count: student.shape[0])))
        return try TemperatureKL(temperature: temperature)(student: student, teacher: teacher, labels: labels)
    }

    @Test(arguments: [0.5, 1, 4, 20]) func `It is Hinton's formula, and so is its gradient`(temperature: Double) throws
    {
        let student = try tensor(Self.student).requireGradient()
        let loss = try loss(student, try tensor(Self.teacher), temperature: temperature)
        #expect(loss.shape == [])
        let expected = formula(temperature)
        #expect(abs(try loss.item() - expected) < 1e-5 * max(1, expected))
        // T (softmax(student / T) - softmax(teacher / T)) / N
        try loss.backward()
        let gradient = zip(Self.student, Self.teacher).flatMap { student, teacher in
            zip(softmax(student, temperature), softmax(teacher, temperature)).map { temperature * ($0 - $1) / 3 }
        }
        let difference = try #require(student.gradient).data()
            .difference(from: TensorData(TensorType(.float32, [3, 4]), rounding: gradient))
        #expect(difference == nil)
    }

    @Test func `It is zero for equal answers, wherever both lie`() throws {
        let answers = try tensor(Self.teacher)
        #expect(abs(try loss(answers, answers, temperature: 4).item()) < 1e-6)
        let shifted = try answers.adding(100)
        #expect(abs(try loss(shifted, answers, temperature: 4).item()) < 1e-4)
    }
}
