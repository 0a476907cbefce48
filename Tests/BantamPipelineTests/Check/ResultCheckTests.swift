import BantamGraph
import BantamModel
import BantamONNX
import BantamPipeline
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct ResultCheckTests {
    private let samples = BandSamples()

    private func check(
        _ changed: Graph, against original: Graph, isLabelled: Bool = true, onData: Bool = true
    ) throws -> ResultCheck {
        let folder = try TemporaryFolder()
        try ONNXFile.write(original, to: folder.file("original.onnx"))
        try ONNXFile.write(changed, to: folder.file("changed.onnx"))
        var samples = samples
        samples.isLabelled = isLabelled
        let data = onData ? try samples.data() : nil
        func subject(_ name: String, _ graph: Graph) throws -> ResultCheck.Subject {
            ResultCheck.Subject(folder.file(name), task: try TaskDescription(of: graph), data: data)
        }
        return try ResultCheck(
            of: subject("changed.onnx", changed), against: subject("original.onnx", original),
            on: onData ? .heldOut : .random, threads: 1)
    }

    private func trained() throws -> Graph {
        try StepRunner(data: try samples.data()).perform(.train(.quick(epochs: 5)), on: samples.classifier()).graph
    }

    @Test(arguments: [true, false]) func `A model is the same as itself`(onData: Bool) throws {
        let graph = samples.classifier()
        let check = try check(graph, against: graph, onData: onData)
        #expect(check.agreement == 1 && check.decibels == nil && check.outputs.map(\.name) == ["logits"])
        #expect(!check.isPoor() && check.nonFiniteOutputs.isEmpty)
        #expect(check.violation(of: .init(leastDecibels: 100, largestDrop: 0)) == nil)
        #expect((check.accuracyBefore != nil) == onData)
    }

    @Test func `With labels accuracy decides`() throws {
        let good = try trained()
        var broken = good
        broken.setNumbers("fc.bias") { index, number in index == 0 ? number + 100 : number }
        let check = try check(broken, against: good)
        #expect(check.accuracyBefore ?? 0 > 0.9 && check.accuracyAfter == 1.0 / 3)
        #expect(check.isPoor())
        #expect(check.violation(of: .init(largestDrop: 5))?.contains("at most 5.0 are allowed") == true)
        #expect(check.violation(of: .init(largestDrop: 90)) == nil)
    }

    @Test(arguments: [true, false]) func `Without labels the noise of the worst output decides`(onData: Bool) throws {
        let good = try trained()
        var noisy = good
        noisy.setNumbers("fc.weight") { index, number in index.isMultiple(of: 2) ? -number : number }
        let check = try check(noisy, against: good, isLabelled: false, onData: onData)
        #expect(check.accuracyAfter == nil)
        #expect(check.isPoor())
        #expect(check.violation(of: .init(leastDecibels: 20))?.contains("at least 20.0") == true)
        #expect(check.violation(of: .init(largestDrop: 0)) == nil)
    }

    @Test func `An output that is no number is named`() throws {
        let graph = samples.classifier()
        var build = graph
        let logits = build.outputs[0]
        let root = build.addNode("Sqrt", name: "root", inputs: [logits], outputNames: ["root"])[0]
        build.addOutput(root)
        let check = try check(build, against: graph)
        #expect(check.nonFiniteOutputs == ["root"])
    }

    @Test func `A batch is freed where samples are computed each by itself, and only there`() throws {
        var fixed = samples.classifier()
        fixed.setInputDimensions([.fixed(1)] + fixed.inputs[0].dimensions.dropFirst(), ofInput: 0)
        let freed = try #require(try fixed.freeingBatch())
        #expect(try BatchIndependence.holds(for: freed, insteadOf: fixed))
        // A sum over the batch has the right shape and mixes the samples.
        var mixing = fixed
        let axes = mixing.addConstant("axes", TensorData([1], [0] as [Int64]))
        let sum = mixing.addNode(
            "ReduceSum", name: "sum", inputs: [mixing.outputs[0], axes], outputNames: ["sum"],
            attributes: ["keepdims": .int(1)])[0]
        let mixed = mixing.addNode("Sub", name: "mixed", inputs: [mixing.outputs[0], sum], outputNames: ["mixed"])[0]
        mixing.addOutput(mixed)
        if let freed = try mixing.freeingBatch() {
            #expect(try !BatchIndependence.holds(for: freed, insteadOf: mixing))
        }
    }
}
