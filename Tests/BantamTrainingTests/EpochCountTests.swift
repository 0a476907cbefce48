import BantamGraph
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct EpochCountTests {
    private func epochs(_ samples: Int, batchSize: Int, channels: Int = 8) throws -> Int {
        var build = GraphBuilder(name: "layer")
        let x = build.input("input", .float32, ["N", .fixed(channels), 64, 64])
        build.output(build.convolution(x, "conv", from: channels, to: channels), name: "output")
        return try EpochCount.forNewLayers(of: build.graph, samples: samples, batchSize: batchSize, usual: 10)
    }

    @Test func `Few samples are passed often, many as usual`() throws {
        #expect(try epochs(360, batchSize: 16) == 91)
        #expect(try epochs(20, batchSize: 8) == 100)
        #expect(try epochs(40_000, batchSize: 128) == 10)
    }

    @Test func `A large model is not trained for hours`() throws {
        // 10 billion multiply-accumulates a sample.
        #expect(try epochs(100, batchSize: 8, channels: 512) == 10)
    }
}
