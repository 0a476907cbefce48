import BantamGraph
import Testing

@Suite struct GraphExtractionTests {
    @Test func `A part of a graph is a graph of its own`() throws {
        let graph = Samples.simpleCNN()
        let hidden = try #require(graph.value(named: "relu3.out"))
        let part = try #require(graph.part(behind: hidden, .float32, ["N", 32]))
        part.checkInvariants()
        #expect(part.inputs.map(\.dimensions) == [["N", 32]])
        #expect(part.outputs == graph.outputs)
        #expect(part.nodes.count < graph.nodes.count && part.constants.count < graph.constants.count)
        for (value, data) in part.constants { #expect(graph.constants[value] == data) }
    }

    @Test func `What needs more than the value is no part`() throws {
        var build = GraphBuilder(name: "skip")
        let x = build.input("x", .float32, ["N", 4])
        let hidden = build.node("Relu", [x], name: "relu")
        build.output(build.node("Add", [hidden, x], name: "add"), name: "y")
        #expect(build.graph.part(behind: hidden, .float32, ["N", 4]) == nil)
        #expect(build.graph.part(behind: build.graph.outputs[0], .float32, ["N", 4]) == nil)
    }
}
