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

    @Test func `The first of the highest scores is predicted, and NaN never`() {
        #expect(TaskDescription.prediction(of: [1, 3, 3] as [Float]) == 1)
        #expect(TaskDescription.prediction(of: [.nan, -.infinity, 2] as [Float]) == 2)
        #expect(TaskDescription.prediction(of: [.nan, .nan] as [Float]) == nil)
    }
}
