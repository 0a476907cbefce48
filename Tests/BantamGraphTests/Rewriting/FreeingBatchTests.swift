import BantamGraph
import Testing

@Suite struct FreeingBatchTests {
    /// Flattens by a reshape that names the batch, as exporters write it.
    private func model(batch: Int, target: [Int64], _ extend: (inout GraphBuilder, ValueID) -> ValueID) -> Graph {
        var build = GraphBuilder(name: "fixed")
        let x = build.input("x", .float32, [.fixed(batch), 2, 3])
        let shape = build.constant("target", TensorData([target.count], target))
        let flat = build.node("Reshape", [x, shape])
        build.output(extend(&build, flat), name: "y")
        return build.graph
    }

    @Test(arguments: [(1, [1, 6]), (1, [1, -1]), (4, [4, 6]), (4, [4, -1]), (4, [-1, 6])])
    func `A batch that a reshape names is freed, and other batches fit`(batch: Int, target: [Int]) throws {
        let graph = model(batch: batch, target: target.map(Int64.init)) { build, x in build.node("Relu", [x]) }
        let freed = try #require(try graph.freeingBatch())
        #expect(freed.inputs[0].dimensions == ["N", 2, 3])
        for size in [1, 3, 7] {
            let types = try ShapeInference(of: freed, sizes: ["N": size])
            #expect(types[freed.outputs[0]]?.shape == [size, 6])
        }
        #expect(try freed.freeingBatch() == nil)
    }

    @Test func `A batch that is merged with another axis, or bound otherwise, stays`() throws {
        let swapped = model(batch: 2, target: [3, 4]) { build, x in build.node("Relu", [x]) }
        #expect(try swapped.freeingBatch() == nil)
        let joined = model(batch: 1, target: [1, 6]) { build, x in
            build.node(
                "Concat", [build.constant("token", TensorData([1, 6], [Float](repeating: 0, count: 6))), x],
                attributes: ["axis": .int(1)])
        }
        #expect(try joined.freeingBatch() == nil)
    }
}
