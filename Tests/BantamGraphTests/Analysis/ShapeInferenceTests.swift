import BantamGraph
import Testing

@Suite struct ShapeInferenceTests {
    /// Three halvings and a window of 3: an image of 1 x 1 is too small.
    private func deepGraph(channels: Int = 3) -> Graph {
        var build = GraphBuilder(name: "deep")
        var x = build.input("x", .float32, ["N", 3, "H", "W"])
        for layer in 1...3 {
            x = build.node(
                "MaxPool", [x], name: "pool\(layer)",
                attributes: ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2])])
        }
        let weight = build.constant("w", TensorData(zeros: TensorType(.float32, [1, channels, 1, 1])))
        build.output(build.node("Conv", [x, weight], name: "conv"), name: "y")
        return build.graph
    }

    @Test func `A free height that must not be 1 gets a usual one; the batch stays 1`() throws {
        let graph = deepGraph()
        let types = try ShapeInference(of: graph)
        #expect(types[graph.inputs[0].value]?.shape == [1, 3, 32, 32])
        #expect(types[graph.outputs[0]]?.shape == [1, 1, 3, 3])
    }

    @Test func `Sizes that are given stay as they are`() throws {
        let graph = deepGraph()
        let types = try ShapeInference(of: graph, sizes: ["W": 100])
        #expect(types[graph.inputs[0].value]?.shape == [1, 3, 32, 100])
        #expect(throws: GraphError.self) { try ShapeInference(of: graph, sizes: ["H": 1, "W": 100]) }
    }

    @Test func `What no size mends is reported for a size of 1`() throws {
        let error = #expect(throws: GraphError.self) { try ShapeInference(of: deepGraph(channels: 4)) }
        #expect(error?.message.contains("1 entries") == true)
    }
}
