import BantamGraph
import BantamTestSupport
import Testing

@Suite struct TinyGraphTests {
    @Test(arguments: TinyGraphs.all.map(\.name)) func `A tiny graph is a sound model of three classes`(
        _ name: String
    ) throws {
        let graph = try #require(TinyGraphs.all.first { $0.name == name })
        graph.checkInvariants()
        let types = try ShapeInference(of: graph, sizes: ["N": 2])
        #expect(types[graph.outputs[0]] == TensorType(.float32, [2, 3]))
    }

    @Test func `Patterns have names of their own, and the same weights each time`() {
        #expect(Set(TinyGraphs.all.map(\.name)).count == TinyGraphs.all.count)
        #expect(TinyGraphs.all == TinyGraphs.all)
    }
}
