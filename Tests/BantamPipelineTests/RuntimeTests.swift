import BantamEdge
import BantamGraph
import BantamModel
import BantamNetwork
import BantamONNX
import BantamPipeline
import BantamTestSupport
import Testing

/// What every runtime owes to those who only know the protocol.
@Suite struct RuntimeTests {
    enum Library: CaseIterable {
        case libtorch, openVINO

        var runtime: any Runtime {
            switch self {
            case .libtorch: TorchRuntime()
            case .openVINO: OpenVINORuntime(threads: 1)
            }
        }
    }

    private let samples = BandSamples(count: 7)

    private func inputs(_ size: Int) throws -> [TensorData] {
        let batches = try samples.data().batches(size: size).loader.batches(epoch: 0)
        var inputs: [TensorData] = []
        while let batch = try batches.next() { inputs.append(batch.inputs) }
        return inputs
    }

    @Test(arguments: Library.allCases) func `A model gives its outputs in order`(library: Library) throws {
        let graph = TinyGraphs.residual()
        let inputs = graph.sampleInputs()
        let outputs = try library.runtime.load(graph, precision: .float32).run(inputs)
        let expected = try graph.run(inputs)
        #expect(outputs.count == graph.outputs.count)
        for (found, expected) in zip(outputs, expected) {
            #expect(found.difference(from: expected, tolerance: 1e-4) == nil)
        }
    }

    @Test(arguments: Library.allCases) func `Bfloat16 changes outputs by its rounding at most`(library: Library) throws
    {
        let graph = samples.classifier()
        let input = try inputs(7)
        let exact = try library.runtime.load(graph, precision: .float32).run(input)[0].elements(of: Float.self)
        let rounded = try library.runtime.load(graph, precision: .bfloat16).run(input)[0].elements(of: Float.self)
        let largest = exact.map(abs).max() ?? 0
        for (one, other) in zip(exact, rounded) { #expect(abs(one - other) < 0.03 * largest) }
    }

    @Test(arguments: Library.allCases) func `What is to be seen is shown of every sample`(library: Library) throws {
        let runtime = library.runtime
        let graph = samples.classifier()
        let (hidden, output) = (try #require(graph.value(named: "relu1.out")), graph.outputs[0])
        let observations = [
            Observation(graph.inputs[0].value, .bounds), Observation(hidden, .channelMeans),
            Observation(output, .elements),
        ]
        var remaining = try inputs(runtime.batchSize(for: graph, observing: observations))[...]
        var counts = [0, 0, 0]
        var rows: [Float] = []
        var (lower, upper) = (Float.infinity, -Float.infinity)
        var mean = 0 as Float
        try runtime.observe(observations, in: graph) {
            remaining.popFirst()
        } show: { place, data, count in
            counts[place] += count
            switch place {
            case 0: data.withFloats { (lower, upper) = (min(lower, $0[0]), max(upper, $0[1])) }
            case 1: mean += data.withFloats { $0[2] } * Float(count) / 7
            default: rows += data.elements(of: Float.self)
            }
        }
        #expect(counts == [7, 7, 7])
        let all = try inputs(7)[0]
        let pixels = all.elements(of: Float.self)
        #expect(lower == pixels.min() && upper == pixels.max())
        #expect(try TensorData([7, 3], rows).difference(from: graph.run([all])[0], tolerance: 1e-4) == nil)
        var whole = graph
        whole.addOutput(hidden)
        let expected = Observation.Extent.channelMeans.shown(of: try whole.run([all])[1]).elements(of: Float.self)
        #expect(abs(mean - expected[2]) < 0.01 * (upper - lower))
    }

    @Test(arguments: Library.allCases) func `A model of bytes is given loaded numbers as bytes`(library: Library) throws
    {
        let graph = try ONNXFile.read(fixture("cases/uint8-classifier.onnx")).graph
        let shape = graph.inputs[0].shape(sizes: [:])
        let pixels = TensorData(
            Shape([1] + shape.dimensions.dropFirst()),
            (0..<shape.dimensions.dropFirst().reduce(1, *)).map { Float($0 % 251) })
        var batches = [pixels]
        var shown: TensorData?
        try library.runtime.observe([Observation(graph.outputs[0], .elements)], in: graph) {
            batches.popLast()
        } show: { _, data, _ in
            shown = TensorData(data.type, storage: data.withUnsafeBytes { TensorStorage(copying: $0) })
        }
        let expected = try graph.run([pixels.fitting(.uint8)])[0]
        #expect(try #require(shown).difference(from: expected, tolerance: 1e-3) == nil)
    }

    // MARK: Meters

    @Test func `A meter of files tells sizes and times beside the original's`() throws {
        let (graph, wide) = (samples.classifier(), samples.classifier(width: 64))
        let meter = FileMeter(original: wide, originalBytes: ByteCount(1000)) { _ in ByteCount(400) }
        #expect(try meter.fileSize(of: wide) == ByteCount(1000) && meter.fileSize(of: graph) == ByteCount(400))
        #expect(try meter.latency(of: wide) > .zero && meter.latency(of: graph) > .zero)
        #expect(try meter.amount(of: .macs, in: graph) < meter.amount(of: .macs, in: wide))
        // So small a model takes too little time to tell.
        #expect(try meter.speedup(over: wide)(graph) == nil)
    }

    @Test func `What has no meter is said`() throws {
        let graph = samples.classifier()
        for quantity in [PruningTarget.Quantity.fileSize, .latency] {
            #expect(errorCode { _ = try StaticCost().amount(of: quantity, in: graph) } == .invalidTarget)
        }
        #expect(try StaticCost().amount(of: .parameters, in: graph) > 0)
        #expect(try StaticCost().speedup(over: graph)(graph) == nil)
    }
}
