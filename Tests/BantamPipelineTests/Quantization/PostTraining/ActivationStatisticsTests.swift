import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamModel
@testable import BantamQuantization
@testable import BantamStage

@Suite struct ActivationStatisticsTests {
    private func statistics(_ calibrator: any Calibrator) -> ActivationStatistics {
        let graph = TinyGraphs.chain()
        let value = graph.inputs[0].value
        return ActivationStatistics(
            CalibrationPass.Request(graph: graph, values: [value], calibrators: [calibrator], channelMeans: [value]))
    }

    /// The range of an average depends on what it is an average of.
    @Test func `Samples seen one by one count as batches of 64`() throws {
        var single = statistics(MovingAverage())
        var calibrator = MovingAverage()
        for batch in 0..<2 {
            let tops = (0..<64).map { Float(batch * 100 + $0 * 7 % 64) }
            for top in tops { try single.observe(TensorData([2], [0, top]), at: 0, samples: 1) }
            try calibrator.observe(TensorData([64], tops), of: "x")
        }
        try single.finish()
        let range = try #require(single.ranges[0].values.first)
        #expect(range.upper == calibrator.range?.upper && range.upper == (63 + 163) / 2)
    }

    @Test func `The last samples count even where they fill no batch`() throws {
        var found = statistics(MinMax())
        for top in [1, 5, 3] as [Float] { try found.observe(TensorData([2], [-top, top]), at: 0, samples: 1) }
        try found.finish()
        #expect(found.ranges[0].values.first == ActivationRange(-5, 5))
    }

    @Test func `Means of channels are those over all samples`() throws {
        var found = statistics(MinMax())
        try found.observe(TensorData([2], [0, 1] as [Float]), at: 0, samples: 1)
        try found.observe(TensorData([2], [1, 10] as [Float]), at: 1, samples: 1)
        try found.observe(TensorData([2], [4, 40] as [Float]), at: 1, samples: 2)
        try found.finish()
        #expect(found.channelMeans.values.first == [3, 30])
        let data = TensorData([2, 2, 3], (0..<12).map(Float.init))
        #expect(Observation.Extent.channelMeans.shown(of: data) == TensorData([2], [4, 7] as [Float]))
    }

    @Test(arguments: [[Float.nan, 1], [0, .infinity], [-.infinity, 0]]) func `Bounds that are no numbers are refused`(
        bounds: [Float]
    ) {
        var found = statistics(MinMax())
        #expect(errorCode { try found.observe(TensorData([2], bounds), at: 0, samples: 1) } == .notFinite)
        #expect(errorCode { try found.observe(TensorData([2], bounds), at: 1, samples: 1) } == .notFinite)
    }
}
