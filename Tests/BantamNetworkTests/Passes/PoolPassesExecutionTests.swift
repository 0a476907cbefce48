import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

@Suite struct PoolPassesExecutionTests {
    @Test(arguments: PoolGraphs.all) func `Pools compute the same when rewritten`(_ sample: PoolGraphs.Sample) throws {
        let inputs = sample.graph.sampleInputs()
        let before = try sample.graph.run(inputs)
        for pipeline in [Passes.openVINO] + [PassPipeline([RoundPoolsDown()]), PassPipeline([PadAveragePool()])] {
            var graph = sample.graph
            try pipeline.run(on: &graph)
            for (after, before) in zip(try graph.run(inputs), before) { #expect(after.difference(from: before) == nil) }
        }
    }
}
