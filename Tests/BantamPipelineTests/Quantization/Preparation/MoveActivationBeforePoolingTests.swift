import BantamGraph
import BantamQuantization
import BantamTestSupport
import Testing

@Suite struct MoveActivationBeforePoolingTests {
    @Test func `A ReLU moves before all the max-pooling in front of it, and the output keeps its name`() throws {
        var build = GraphBuilder(name: "pool")
        var x = build.input("input", .float32, ["N", 1, 8, 8])
        for name in ["pool1", "pool2"] {
            x = build.node(
                "MaxPool", [x], name: name,
                attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
        }
        build.output(build.node("Relu", [x], name: "relu"), name: "output")
        var graph = build.graph
        let shape = try ShapeInference(of: graph)[graph.outputs[0]]
        #expect(try MoveActivationBeforePooling().run(on: &graph).changes == 2)
        graph.checkInvariants()
        #expect(graph.nodes.values.map(\.name) == ["relu", "pool1", "pool2"])
        #expect(graph.outputs.map { graph[$0].name } == ["output"])
        #expect(try ShapeInference(of: graph)[graph.outputs[0]] == shape)
        #expect(try MoveActivationBeforePooling().run(on: &graph).changes == 0)
    }

    @Test func `A pooling that others read too stays first`() throws {
        var build = GraphBuilder(name: "pool")
        let x = build.input("input", .float32, ["N", 1, 8, 8, 8])
        let pooled = build.node("MaxPool", [x], name: "pool", attributes: ["kernel_shape": .ints([2, 2, 2])])
        build.output(build.node("Relu", [pooled], name: "relu"), name: "positive")
        build.output(build.node("Neg", [pooled], name: "neg"), name: "negative")
        var graph = build.graph
        let before = graph
        #expect(try MoveActivationBeforePooling().run(on: &graph).changes == 0)
        #expect(graph == before)
    }
}
