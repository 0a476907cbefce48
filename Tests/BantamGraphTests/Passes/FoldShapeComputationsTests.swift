import BantamGraph
import Testing

@Suite struct FoldShapeComputationsTests {
    @Test func `A target built from the batch and a number becomes a constant that fits any batch`() throws {
        var graph = Self.flattening { build, image in
            let batch = build.dimension(0, of: image)
            return build.node(
                "Concat", [batch, build.ints("features", [192])], name: "target", attributes: ["axis": .int(0)])
        }
        let result = try FoldShapeComputations().run(on: &graph)
        #expect(result.notes.isEmpty)
        _ = try RemoveDeadNodes().run(on: &graph)
        #expect(graph.operators == ["Reshape"])
        #expect(graph.constant(named: "flatten.shape")?.ints == [0, 192])
        for batch in [1, 2, 5] {
            let types = try ShapeInference(of: graph, sizes: ["N": batch])
            #expect(types[graph.outputs[0]]?.shape == [batch, 192])
        }
    }

    @Test func `A size that is a multiple of the batch is left to be inferred`() throws {
        var graph = Self.flattening { build, image in
            let rows = build.node("Mul", [build.dimension(0, of: image), build.ints("three", [3])], name: "rows")
            return build.node(
                "Concat", [rows, build.ints("pixels", [64])], name: "target", attributes: ["axis": .int(0)])
        }
        _ = try FoldShapeComputations().run(on: &graph)
        #expect(graph.constant(named: "flatten.shape")?.ints == [-1, 64])
    }

    @Test func `What does not depend on the batch is folded, the rest stays`() throws {
        var build = GraphBuilder(name: "partial")
        let image = build.input("x", .float32, ["N", 3, 8, 8])
        let channels = build.dimension(1, of: image)
        let batch = build.dimension(0, of: image)
        let one = build.ints("one", [1])
        let target = build.node("Concat", [batch, channels, one, one], name: "target", attributes: ["axis": .int(0)])
        let zero = build.constant("zero", TensorData([1], [0 as Float]))
        build.output(build.node("Expand", [zero, target], name: "expand"), name: "y")
        var graph = build.graph
        _ = try FoldShapeComputations().run(on: &graph)
        _ = try RemoveDeadNodes().run(on: &graph)
        #expect(graph.operators == ["Shape", "Gather", "Concat", "Expand"])
        let concat = try #require(graph.node(named: "target"))
        #expect(graph.constant(1, of: concat)?.ints == [3])
        #expect(graph.constant(0, of: concat) == nil)
    }

    @Test func `A constant repeated for each sample may lose channels afterwards`() throws {
        var build = GraphBuilder(name: "token")
        let image = build.input("x", .float32, ["N", 4, 6])
        let batch = build.dimension(0, of: image)
        let target = build.node(
            "Concat", [batch, build.ints("token_sizes", [1, 6])], name: "target", attributes: ["axis": .int(0)])
        let token = build.constant("token", TensorData([1, 1, 6], [Float](repeating: 1, count: 6)))
        build.output(build.node("Expand", [token, target], name: "expand"), name: "y")
        var graph = build.graph
        #expect(try FoldShapeComputations().run(on: &graph).changes > 0)
        let narrow = TensorData([1, 1, 3], [Float](repeating: 1, count: 3))
        for batch in [1, 5] {
            let types = try ShapeInference(of: graph, sizes: ["N": batch])
            #expect(types[graph.outputs[0]]?.shape == [batch, 1, 6])
        }
        graph.setConstant(token, to: narrow)
        let types = try ShapeInference(of: graph, sizes: ["N": 5])
        #expect(types[graph.outputs[0]]?.shape == [5, 1, 3])
        #expect(try FoldShapeComputations().run(on: &graph).changes == 0)
    }

    @Test func `What is repeated for each feature of each sample has a constant target`() throws {
        var build = GraphBuilder(name: "norm")
        let x = build.input("x", .float32, ["N", 4, 6])
        let norm = build.node("ReduceL2", [x], name: "norm", attributes: ["axes": .ints([-1])])
        build.output(build.node("Expand", [norm, build.node("Shape", [x])], name: "expand"), name: "y")
        var graph = build.graph
        _ = try FoldShapeComputations().run(on: &graph)
        let expand = try #require(graph.node(named: "expand"))
        #expect(graph.constant(1, of: expand)?.ints == [1, 1, 6])
        for batch in [1, 5] {
            let types = try ShapeInference(of: graph, sizes: ["N": batch])
            #expect(types[graph.outputs[0]]?.shape == [batch, 4, 6])
        }
    }

    @Test func `With a fixed batch everything is a number`() throws {
        var graph = Self.flattening(batch: 4) { build, image in
            let batch = build.dimension(0, of: image)
            return build.node(
                "Concat", [batch, build.ints("rest", [-1])], name: "target", attributes: ["axis": .int(0)])
        }
        _ = try FoldShapeComputations().run(on: &graph)
        let reshape = try #require(graph.node(named: "flatten"))
        #expect(graph.constant(1, of: reshape)?.ints == [4, -1])
    }

    @Test func `What is left to be inferred becomes a number, where the batch needs its place`() throws {
        var build = GraphBuilder(name: "heads")
        let rows = build.input("x", .float32, ["N", 6, 4])
        let halved = build.node("Div", [build.dimension(0, of: rows), build.ints("heads", [2])], name: "halved")
        let target = build.node(
            "Concat", [halved, build.ints("sizes", [2, 4, -1])], name: "target", attributes: ["axis": .int(0)])
        build.output(build.node("Reshape", [rows, target], name: "split"), name: "y")
        var graph = build.graph
        // As many samples as heads, or twice as many.
        let before = try ShapeInference(of: graph, sizes: ["N": 4])[graph.outputs[0]]
        #expect(try FoldShapeComputations().run(on: &graph).notes.isEmpty)
        let split = try #require(graph.nodes.values.first { $0.operatorName == "Reshape" })
        #expect(graph.constants[try #require(split.inputs[1])]?.elements(of: Int64.self) == [-1, 2, 4, 6])
        #expect(try ShapeInference(of: graph, sizes: ["N": 4])[graph.outputs[0]] == before)
    }

    @Test func `Two sizes that depend on free dimensions cannot both be inferred`() throws {
        var build = GraphBuilder(name: "two")
        let image = build.input("x", .float32, ["N", 3, "H", "W"])
        let rows = build.node("Mul", [build.dimension(0, of: image), build.ints("three", [3])], name: "rows")
        let pixels = build.node("Mul", [build.dimension(2, of: image), build.dimension(3, of: image)], name: "pixels")
        let target = build.node("Concat", [rows, pixels], name: "target", attributes: ["axis": .int(0)])
        build.output(build.node("Reshape", [image, target], name: "flatten"), name: "y")
        var graph = build.graph
        let result = try FoldShapeComputations().run(on: &graph)
        #expect(
            result.notes == [
                "flatten (Reshape) is left as it is: 2 entries of its target depend on free dimensions."
            ])
        #expect(graph.operators.contains("Concat"))
    }

    @Test func `A slice between single numbers gets lists of one`() throws {
        var build = GraphBuilder(name: "slice")
        let rows = build.input("x", .float32, ["N", 6])
        let bounds = build.ints("bounds", [1, 4])
        let first = build.constant("first", TensorData(scalar: Int64(0)))
        let start = build.node("Gather", [bounds, first], name: "start")
        let ends = build.ints("ends", [4])
        build.output(build.node("Slice", [rows, start, ends, build.ints("axes", [1])], name: "cut"), name: "y")
        var graph = build.graph
        _ = try FoldShapeComputations().run(on: &graph)
        let cut = try #require(graph.nodes.values.first { $0.operatorName == "Slice" })
        #expect(graph.constants[try #require(cut.inputs[1])] == TensorData([1], [1] as [Int64]))
        #expect(try ShapeInference(of: graph)[graph.outputs[0]]?.shape == [1, 3])
    }

    @Test func `A model of one sample at a time is folded for it, and its other free sizes stay free`() throws {
        var build = GraphBuilder(name: "baked")
        let clip = build.input("x", .float32, ["N", 4, "L"])
        let target = build.node(
            "Concat", [build.ints("sizes", [1, 2, 2]), build.dimension(2, of: clip)], name: "target",
            attributes: ["axis": .int(0)])
        build.output(build.node("Reshape", [clip, target], name: "split"), name: "y")
        var graph = build.graph
        #expect(try FoldShapeComputations().run(on: &graph).notes.isEmpty)
        let split = try #require(graph.nodes.values.first { $0.operatorName == "Reshape" })
        #expect(graph.constants[try #require(split.inputs[1])]?.elements(of: Int64.self) == [1, 2, 2, -1])
    }

    @Test func `A model of one height is folded for it, and its other free sizes stay free`() throws {
        var build = GraphBuilder(name: "lines")
        let image = build.input("x", .float32, ["N", 3, "H", "W"])
        let target = build.node(
            "Concat", [build.ints("sizes", [0, 3, 4, 12]), build.dimension(3, of: image)], name: "target",
            attributes: ["axis": .int(0)])
        build.output(build.node("Reshape", [image, target], name: "split"), name: "y")
        var graph = build.graph
        #expect(try FoldShapeComputations().run(on: &graph).notes.isEmpty)
        let split = try #require(graph.nodes.values.first { $0.operatorName == "Reshape" })
        #expect(graph.constants[try #require(split.inputs[1])]?.elements(of: Int64.self) == [0, 3, 4, 12, -1])
    }

    @Test func `A model that refuses the sizes that are tried keeps its shapes`() throws {
        var build = GraphBuilder(name: "baked")
        let image = build.input("x", .float32, [1, "W"])
        build.output(build.node("Reshape", [image, build.ints("target", [1, 1])], name: "reshape"), name: "y")
        var graph = build.graph
        let result = try FoldShapeComputations().run(on: &graph)
        #expect(result.changes == 0)
        #expect(result.notes.first?.contains("not all of the sizes that were tried") == true)
    }

    /// A `[batch, 3, 8, 8]` image, flattened to a target that `body` computes.
    private static func flattening(
        batch: InputDimension = "N", _ body: (inout GraphBuilder, ValueID) -> ValueID
    ) -> Graph {
        var build = GraphBuilder(name: "flattening")
        let image = build.input("x", .float32, [batch, 3, 8, 8])
        let target = body(&build, image)
        build.output(build.node("Reshape", [image, target], name: "flatten"), name: "y")
        return build.graph
    }
}

extension GraphBuilder {
    /// One dimension of a value, as exporters compute it: a list of one number.
    fileprivate mutating func dimension(_ axis: Int, of value: ValueID) -> ValueID {
        let shape = node("Shape", [value], name: "shape\(axis)")
        return node("Gather", [shape, ints("index\(axis)", [axis])], name: "dimension\(axis)")
    }
}
