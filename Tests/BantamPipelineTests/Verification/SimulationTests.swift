import BantamGraph
import BantamMedia
import BantamModel
import BantamNetwork
import BantamONNX
import BantamPipeline
import BantamQuantization
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

/// The models and logits come from `Scripts/golden/quantized_networks.py`, which runs them in ONNX Runtime.
@Suite struct SimulationTests {
    @Test(arguments: ["image", "clip"])
    func `Simulated INT8 gives ONNX Runtime's logits, and those of its integer kernels within one step`(
        name: String
    ) throws {
        let graph = try ONNXFile.read(fixture("quantized/\(name).onnx")).graph
        let golden = try SafeTensors.read(fixture("quantized/\(name).safetensors")).tensors
        func numbers(_ key: String) throws -> [Float] { try #require(golden[key]).elements(of: Float.self) }
        let logits = try graph.run([try #require(golden["input"])])[0]
        let step = try numbers("step")
        for (key, tolerance) in [("literal", Float(1e-5)), ("fused", 1)] {
            for (index, pair) in zip(logits.elements(of: Float.self), try numbers(key)).enumerated() {
                let limit = key == "literal" ? tolerance : tolerance * step[index % step.count]
                #expect(abs(pair.0 - pair.1) <= limit, "\(key) \(index): \(pair)")
            }
        }
        // The bound would notice a wrong model: it is small beside the logits.
        let largest = try numbers("literal").map { abs($0) }.max() ?? 0
        #expect(try #require(step.max()) < 0.05 * largest)
    }

    @Test(arguments: ["image", "clip"])
    func `These models store integers`(name: String) throws {
        let storage = try WeightStorage(of: try ONNXFile.read(fixture("quantized/\(name).onnx")).graph)
        #expect(storage.layers.map(\.kind) == [.integer, .integer, .integer, .integer])
    }

    @Test(arguments: [nil, 3])
    func `The scores of every sample are written in order, also by models of clips and of fixed batches`(
        frames: Int?
    ) throws {
        let samples = BandSamples(frames: frames, count: 21)
        let data = try samples.data()
        var graph = samples.classifier()
        let folder = try TemporaryFolder()
        let task = try TaskDescription(of: graph)
        let free = try Simulation.scores(of: graph, name: "free", on: data, task: task, to: folder.file("free"))
        #expect(free.samples == 21 && free.classes == 3)
        // A batch of four: the last is filled up, and the filling is not counted.
        graph.setInputDimensions([.fixed(4)] + graph.inputs[0].dimensions.dropFirst(), ofInput: 0)
        var progress: [Int] = []
        let fixed = try Simulation.scores(of: graph, name: "fixed", on: data, task: task, to: folder.file("fixed")) {
            progress.append($0)
        }
        #expect(fixed.samples == 21 && progress == [4, 8, 12, 16, 20, 21])
        #expect(Simulation.smallestBatch(of: graph) == 4)
        #expect(try fixed.compared(with: free).largestDifference < 1e-5)
        let network = try Network(samples.classifier())
        try data.batches(size: 1).forEachBatch(epoch: 0) { batch in
            let row = try network.forward([batch.inputs]).outputs[0].data().elements(of: Float.self)
            let written = free.withRow(batch.indices[0]) { Array($0) }
            #expect(zip(row, written).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }

    @Test func `Samples do not share their ranges where these are found while the model runs`() throws {
        let samples = BandSamples(count: 6)
        var graph = samples.classifier()
        try StaticQuantization().prepare(&graph)
        try DynamicQuantization.apply(try DynamicQuantization().plan(for: graph), to: &graph)
        let folder = try TemporaryFolder()
        let data = try samples.data()
        let task = try TaskDescription(of: graph)
        let scores = try Simulation.scores(of: graph, name: "dynamic", on: data, task: task, to: folder.file("scores"))
        let network = try Network(graph)
        try data.batches(size: 1).forEachBatch(epoch: 0) { batch in
            let row = try network.forward([batch.inputs]).outputs[0].data().elements(of: Float.self)
            #expect(scores.withRow(batch.indices[0]) { Array($0) } == row)
        }
    }

    @Test func `Of a model without classes all outputs are written`() throws {
        let folder = try TemporaryFolder()
        let data = try BandSamples(count: 3).data()
        var build = GraphBuilder(name: "filter")
        let image = build.input("input", .float32, ["N", 1, 6, 6])
        build.output(build.node("Relu", [image]), name: "positive")
        build.output(build.node("GlobalMaxPool", [image]), name: "largest")
        let graph = build.graph
        let scores = try Simulation.scores(
            of: graph, name: "filter", on: data, task: try TaskDescription(of: graph), to: folder.file("scores"))
        #expect(scores.samples == 3 && scores.classes == 36 + 1)
        for sample in 0..<3 {
            let row = scores.withRow(sample) { Array($0) }
            #expect(row.dropLast().allSatisfy { $0 >= 0 } && row.dropLast().max() == max(row[36], 0))
        }
    }

    @Test func `What has no entry for each sample is refused, and scores that are no numbers`() throws {
        let folder = try TemporaryFolder()
        let data = try BandSamples(count: 3).data()
        var build = GraphBuilder(name: "sum")
        let image = build.input("input", .float32, ["N", 1, 6, 6])
        build.output(
            build.node("ReduceSum", [image], attributes: ["keepdims": .int(0)]), name: "output")
        let sum = build.graph
        #expect(
            errorCode {
                _ = try Simulation.scores(
                    of: sum, name: "sum", on: data, task: .unspecified, to: folder.file("scores"))
            } == .noScores)
        var spoiled = BandSamples().classifier()
        spoiled.setNumbers("fc.bias") { _, _ in .nan }
        #expect(
            errorText {
                let task = try TaskDescription(of: spoiled)
                _ = try Simulation.scores(
                    of: spoiled, name: "spoiled.onnx", on: data, task: task, to: folder.file("scores"))
            }.contains("The output of spoiled.onnx holds NaN"))
    }
}
