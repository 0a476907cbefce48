import BantamGraph
import BantamMedia
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamQuantization

@Suite struct CalibrationPassTests {
    /// A data set that counts how often its samples are read.
    private final class CountingDataset: Dataset, @unchecked Sendable {
        let base: any Dataset
        private(set) var reads = 0

        init(_ base: any Dataset) { self.base = base }

        var count: Int { base.count }
        var classNames: [String] { base.classNames }
        var isLabelled: Bool { base.isLabelled }
        func label(at index: Int) -> Int { base.label(at: index) }

        func sample(at index: Int) throws(MediaError) -> Sample {
            reads += 1
            return try base.sample(at: index)
        }
    }

    @Test func `All that is asked for of a graph is collected in one pass`() throws {
        let samples = try BandSamples().data()
        let counting = CountingDataset(samples.dataset)
        let graph = BandSamples().classifier()
        let names = ["relu1.out", "relu2.out"]
        let values = names.compactMap { graph.value(named: $0) }
        let calibrators: [any Calibrator] = [MinMax(), Percentile(), MeanSquaredError()]
        let request = CalibrationPass.Request(graph: graph, values: values, calibrators: calibrators)
        let data = TrainingData(counting, preprocessing: samples.preprocessing)
        let ranges = try CalibrationPass().statistics(of: [request, request], on: data).map(\.ranges)
        #expect(counting.reads == 2 * samples.count)
        #expect(ranges.count == 2 && ranges[0] == ranges[1] && ranges[0].count == 3)
        for found in ranges[0] { #expect(found.keys.sorted() == names) }
        let (widest, narrower) = (try #require(ranges[0][0][names[1]]), try #require(ranges[0][1][names[1]]))
        #expect(widest.lower == 0 && widest.upper >= narrower.upper && narrower.upper > 0)
    }

    @Test func `Batches are as large as the memory for activations allows`() {
        func batchSize(side: Int) -> Int {
            var build = GraphBuilder(name: "large")
            let x = build.input("input", .float32, ["N", 3, .fixed(side), .fixed(side)])
            let first = build.relu(build.convolution(x, "first", from: 3, to: 64), "relu")
            build.output(build.convolution(first, "second", from: 64, to: 8), name: "output")
            let values = [x, first]
            return TorchRuntime.batchSize(for: build.graph, observing: values)
        }
        // A sample is 67 floats a pixel that are observed, and two values of 64 where the ReLU runs.
        #expect(batchSize(side: 32) == 64)
        #expect(batchSize(side: 512) == (256 << 20) / ((67 + 128) * 4 * 512 * 512))
        #expect(batchSize(side: 2048) == 1)
    }
}
