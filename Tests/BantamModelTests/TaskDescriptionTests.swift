import BantamGraph
import BantamModel
import Testing

@Suite struct TaskDescriptionTests {
    /// A model whose output comes from one node.
    private func model(_ operatorName: String, _ shape: [Int], outputs: Int = 1) throws -> Graph {
        var build = GraphBuilder(name: "model")
        let dimensions = ["N"] + shape.dropFirst().map { InputDimension.fixed($0) }
        let x = build.input("x", .float32, dimensions)
        for index in 0..<outputs { build.output(build.node(operatorName, [x]), name: "y\(index)") }
        return build.graph
    }

    @Test func `Scores of classes are told by their shape, and probabilities by the operator that makes them`() throws {
        #expect(try TaskDescription(of: model("Relu", [1, 10])) == .classification(classes: 10, .logits))
        #expect(try TaskDescription(of: model("Softmax", [1, 10])) == .classification(classes: 10, .probabilities))
        #expect(try TaskDescription(of: model("Relu", [1, 10, 1, 1])) == .classification(classes: 10, .logits))
        #expect(try TaskDescription(of: model("Sigmoid", [1, 1])) == .binary(.probabilities))
        #expect(try TaskDescription(of: model("Relu", [1, 1])) == .binary(.logits))
    }

    @Test func `Maps, boxes and several outputs are no scores, unless something else counts the classes`() throws {
        #expect(try TaskDescription(of: model("Relu", [1, 10, 4, 4])) == .unspecified)
        #expect(try TaskDescription(of: model("Relu", [1, 100, 4])) == .unspecified)
        #expect(try TaskDescription(of: model("Relu", [1, 10], outputs: 2)) == .unspecified)
        #expect(
            try TaskDescription(of: model("Relu", [1, 10], outputs: 2), knownClasses: 10)
                == .classification(classes: 10, .logits))
    }

    @Test func `One score stands for two classes`() {
        #expect(TaskDescription.binary(.probabilities).scores(of: [0.25]) == [0.75, 0.25])
        #expect(TaskDescription.binary(.logits).scores(of: [-2]) == [0, -2])
        #expect(TaskDescription.binary(.logits).classCount == 2)
        #expect(TaskDescription.classification(classes: 3, .logits).scores(of: [1, 2, 3]) == [1, 2, 3])
    }

    @Test func `Probabilities are found behind a change of shape or a rounding to integers`() throws {
        var build = GraphBuilder(name: "model")
        let x = build.input("x", .float32, ["N", 10, 1, 1])
        let softmax = build.node("Softmax", [x], attributes: ["axis": .int(1)])
        build.output(build.node("Flatten", [build.node("Identity", [softmax])]), name: "y")
        #expect(try TaskDescription(of: build.graph) == .classification(classes: 10, .probabilities))
    }

    @Test func `Logits become probabilities, and probabilities stay what they are`() {
        let shares = TaskDescription.classification(classes: 3, .logits).probabilities(of: [1000, 1000, -1000])
        #expect(shares == [0.5, 0.5, 0])
        let two = TaskDescription.binary(.logits)
        let three = two.probabilities(of: two.scores(of: [1.098_612_3]))
        #expect(abs(three[0] - 0.25) < 1e-6 && abs(three[1] - 0.75) < 1e-6)
        // Each class by itself, as behind a Sigmoid: they need not sum to 1.
        let sigmoids = TaskDescription.classification(classes: 2, .probabilities)
        #expect(sigmoids.probabilities(of: [0.9, 0.8]) == [0.9, 0.8])
    }

    @Test func `The first of the highest scores is predicted, and NaN never`() {
        #expect(TaskDescription.prediction(of: [1, 3, 3] as [Float]) == 1)
        #expect(TaskDescription.prediction(of: [.nan, -.infinity, 2] as [Float]) == 2)
        #expect(TaskDescription.prediction(of: [.nan, .nan] as [Float]) == nil)
    }
}
