import BantamGraph
import BantamTestSupport
import Testing

@Suite struct PoolPassesTests {
    private func average(
        _ size: InputDimension, pads: [Int] = [1, 1, 1, 1], stride: Int = 2, kernel: Int = 3
    ) -> Graph {
        var build = GraphBuilder(name: "pool")
        let image = build.input("image", .float32, ["N", 2, size, size])
        build.output(
            build.node(
                "AveragePool", [image], name: "pool",
                attributes: [
                    "kernel_shape": .ints([kernel, kernel]), "strides": .ints([stride, stride]), "pads": .ints(pads),
                    "ceil_mode": .int(1), "count_include_pad": .int(1),
                ]), name: "y")
        return build.graph
    }

    @Test(arguments: [8, "S"] as [InputDimension]) func `Padding that counts becomes explicit`(
        _ size: InputDimension
    ) throws {
        var graph = average(size)
        let result = try PadAveragePool().run(on: &graph)
        #expect(result.changes == 1 && result.notes.isEmpty)
        #expect(graph.operators == ["Pad", "AveragePool"])
        let pool = try #require(graph.node(named: "pool"))
        #expect(pool.attributes["count_include_pad"] == nil && pool.attributes["pads"] == nil)
        #expect(pool.attributes["ceil_mode"] == .int(1))
        #expect(
            graph.constant(named: "pool.pads")?.elements(of: Int64.self) == [0, 0, 1, 1, 0, 0, 1, 1])
    }

    @Test func `Without padding there is nothing to count`() throws {
        var graph = average(8, pads: [0, 0, 0, 0])
        #expect(try PadAveragePool().run(on: &graph).changes == 1)
        #expect(graph.operators == ["AveragePool"])
    }

    @Test func `A window that would start in the padding of a free size is left, with a reason`() throws {
        var graph = average("S", stride: 3, kernel: 2)
        let result = try PadAveragePool().run(on: &graph)
        #expect(result.changes == 0)
        #expect(
            result.notes == [
                "pool (AveragePool) is left as it is: how often its window fits depends on a size that is free."
            ])
    }

    @Test(arguments: PoolGraphs.all) func `Pools keep their sizes`(_ sample: PoolGraphs.Sample) throws {
        var graph = sample.graph
        try Passes.openVINO.run(on: &graph)
        graph.checkInvariants()
        try Verifier.verify(graph)
        let types = (try ShapeInference(of: sample.graph), try ShapeInference(of: graph))
        #expect(types.0[sample.graph.outputs[0]] == types.1[graph.outputs[0]])
        let once = graph
        let again = try Passes.openVINO.run(on: &graph)
        #expect(again.allSatisfy { $0.result.changes == 0 } && graph == once)
    }
}
