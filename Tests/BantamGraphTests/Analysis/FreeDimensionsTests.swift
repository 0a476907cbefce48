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

    /// Lines of text whose pixels in a column become one: `[N, 1, H, W]` to `[N, 48, W]`.
    private func columns() -> Graph {
        var build = GraphBuilder(name: "columns")
        let input = build.input("x", .float32, ["N", 1, "H", "W"])
        let pooled = build.node(
            "MaxPool", [input], name: "pool", attributes: ["kernel_shape": .ints([1, 2]), "strides": .ints([1, 2])])
        let flat = build.node("Squeeze", [pooled, build.ints("axes", [1])], name: "squeeze")
        let weight = build.constant("weight", TensorData([48, 48], [Float](repeating: 1, count: 48 * 48)))
        build.output(build.node("MatMul", [weight, flat], name: "mix"), name: "y")
        return build.graph
    }

    @Test func `A height of which the model takes only one is no free dimension`() throws {
        let graph = columns()
        let free = try FreeDimensions(of: graph)
        #expect(free.sizes(of: graph.inputs[0].value) == [.free("N"), .fixed(1), .fixed(48), .free("W")])
        #expect(free.sizes(of: graph.outputs[0])?.prefix(2) == [.free("N"), .fixed(48)])
    }

    @Test func `A size that has to be a multiple of another number is no single one`() throws {
        var build = GraphBuilder(name: "sevens")
        let input = build.input("x", .float32, ["N", 3, "H", 64])
        let parts = build.node("Reshape", [input, build.ints("target", [0, 3, 7, -1])], name: "reshape")
        build.output(parts, name: "y")
        let free = try FreeDimensions(of: build.graph)
        #expect(free.sizes(of: input)?[2] == .free("H"))
        #expect(free.sizes(of: parts)?[3] == .computed)
    }

    @Test func `Sizes of which the model takes some are tried with those`() throws {
        var build = GraphBuilder(name: "multiples")
        let input = build.input("x", .float32, [1, "W"])
        build.output(build.node("Reshape", [input, build.ints("target", [-1, 64])], name: "reshape"), name: "y")
        let free = try FreeDimensions(of: build.graph)
        #expect(free.sizes(of: build.graph.inputs[0].value) == [.fixed(1), .free("W")])
        #expect(free.sizes(of: build.graph.outputs[0]) == [.computed, .fixed(64)])
    }
}
