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

    /// A `Split` into parts of 1, 2 and 3 channels of which the second is not wanted.
    private func splitting() throws -> (graph: Graph, node: Node) {
        var graph = Graph(name: "split")
        let input = graph.addInput("x", .float32, [2, 6])
        let sizes = graph.addConstant("sizes", TensorData([3], [1, 2, 3] as [Int64]))
        let outputs = (graph.makeValue("first"), graph.makeValue("third"))
        graph.addNode(
            "Split", name: "split", inputs: [input, sizes], outputs: [outputs.0, nil, outputs.1],
            attributes: ["axis": .int(1)])
        graph.addOutput(outputs.0)
        graph.addOutput(outputs.1)
        return (graph, try #require(graph.nodes.values.first))
    }

    @Test func `Outputs keep their places when one in the middle is left out`() throws {
        let (graph, node) = try splitting()
        let types = try ShapeInference(of: graph)
        #expect(types.context(of: node).outputTypes.map(\.shape) == [[2, 1], [2, 2], [2, 3]])
        #expect(graph.outputs.map { types[$0]?.shape } == [[2, 1], [2, 3]])
    }

    @Test func `A node whose first output is left out is analysed like others`() throws {
        var graph = Graph(name: "top")
        let input = graph.addInput("x", .float32, [2, 6])
        let count = graph.addConstant("k", TensorData([1], [4 as Int64]))
        let places = graph.makeValue("places")
        graph.addNode("TopK", name: "top", inputs: [input, count], outputs: [nil, places])
        graph.addOutput(places)
        let types = try ShapeInference(of: graph)
        #expect(types[places] == TensorType(.int64, [2, 4]))
        let node = try #require(graph.nodes.values.first)
        let definition = try Operators.definition(of: node)
        #expect(definition.cost(of: types.context(of: node)).elementwise == 8)
        _ = try definition.lowering(of: types.context(of: node))
    }
}
