import BantamGraph
import BantamModel
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct OutputMatchingTests {
    /// Two outputs of very different scale: `x` and `1000 x`, each times a weight.
    private func model(_ weight: Float) -> Graph {
        var build = GraphBuilder(name: "two")
        let x = build.input("x", .float32, ["N", 3, 2])
        let factor = build.constant("factor", TensorData([3, 1], [weight, weight, weight]))
        let small = build.node("Mul", [x, factor])
        build.output(small, name: "small")
        build.output(
            build.node("Mul", [small, build.constant("thousand", TensorData([1], [1000] as [Float]))]), name: "large")
        return build.graph
    }

    private func batch() throws -> TrainingBatch {
        let numbers = (0..<12).map { Float($0 % 5) - 2 }
        return TrainingBatch(
            inputs: try Tensor(TensorData([2, 3, 2], numbers)), labels: try Tensor(TensorData([2], [0, 0] as [Int64])),
            indices: [0, 1])
    }

    private func loss(_ weight: Float) throws -> Double {
        let objective = OutputMatching(to: try NetworkTeacher(model(1)))
        let batch = try batch()
        return try objective.loss(of: try Network(model(weight)).forward([batch.inputs]), on: batch).item()
    }

    @Test func `Each output counts in units of its own spread`() throws {
        #expect(try loss(1) == 0)
        let numbers = (0..<12).map { Double($0 % 5) - 2 }
        let mean = numbers.reduce(0, +) / 12
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 12
        let power = numbers.reduce(0) { $0 + $1 * $1 } / 12
        // Both outputs are half of the teacher's.
        #expect(abs(try loss(0.5) - 0.25 * power / variance) < 1e-5)
    }

    @Test func `A teacher of other outputs is refused with both shapes`() throws {
        var build = GraphBuilder(name: "one")
        build.output(build.node("Relu", [build.input("x", .float32, ["N", 3, 2])]), name: "y")
        let objective = OutputMatching(to: try NetworkTeacher(build.graph))
        let batch = try batch()
        let error = #expect(throws: TrainingError.self) {
            _ = try objective.loss(of: try Network(model(1)).forward([batch.inputs]), on: batch)
        }
        #expect(error?.code == .otherOutputs)
    }

    @Test(arguments: [1, 3]) func `A teacher of a fixed batch answers any number of samples`(size: Int) throws {
        var fixed = model(2)
        fixed.setInputDimensions([.fixed(size), 3, 2], ofInput: 0)
        let batch = try batch()
        let free = try NetworkTeacher(model(2)).run(on: batch).outputs.map { try $0.data() }
        #expect(try NetworkTeacher(fixed).run(on: batch).outputs.map { try $0.data() } == free)
    }

    @Test func `Probabilities and single scores become logits of the same answers`() throws {
        let logits = try Tensor(TensorData([2, 3], [1, 2, 3, 0, -1, 4] as [Float]))
        let probabilities = try logits.softmax(axis: 1)
        let task = TaskDescription.classification(classes: 3, .probabilities)
        let found = try task.logits(of: probabilities).softmax(axis: 1).data()
        #expect(found.difference(from: try probabilities.data(), tolerance: 1e-6) == nil)
        let scores = try Tensor(TensorData([2, 1], [0.2, 0.9] as [Float]))
        let answers = try TaskDescription.binary(.probabilities).logits(of: scores).softmax(axis: 1).data()
        #expect(
            answers.difference(from: TensorData([2, 2], [0.8, 0.2, 0.1, 0.9] as [Float]), tolerance: 1e-6) == nil)
        let single = try TaskDescription.binary(.logits).logits(of: scores).data()
        #expect(single == TensorData([2, 2], [0, 0.2, 0, 0.9] as [Float]))
    }
}
