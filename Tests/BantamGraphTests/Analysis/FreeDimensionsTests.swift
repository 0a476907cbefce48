import BantamGraph
import Testing

@Suite struct FreeDimensionsTests {
    @Test func `The batch is followed to the output`() throws {
        let graph = Samples.simpleCNN()
        #expect(try FreeDimensions(of: graph).sizes(of: graph.outputs[0]) == [.free("N"), .fixed(10)])
    }

    @Test func `Multiples and other expressions are told apart`() throws {
        var build = GraphBuilder(name: "free")
        let input = build.input("x", .float32, ["N", 3, "H", "W"])
        let flat = build.node("Flatten", [input], name: "flat", attributes: ["axis": .int(2)])
        build.output(flat, name: "y")
        let free = try FreeDimensions(of: build.graph)
        #expect(free.sizes(of: flat) == [.multiple(3, of: "N"), .computed])
        #expect(free.sizes(of: flat)?.map(\.description) == ["3*N", "?"])
    }

    @Test func `Without free dimensions everything is fixed`() throws {
        var graph = Graph()
        let input = graph.addInput("x", .float32, [2, 3])
        #expect(try FreeDimensions(of: graph).sizes(of: input) == [.fixed(2), .fixed(3)])
    }
}
