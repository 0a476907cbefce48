import BantamGraph
import Testing

@Suite struct FoldConstantsTests {
    @Test func `A weight's transpose is stored`() throws {
        var build = GraphBuilder(name: "transpose")
        let input = build.input("x", .float32, ["N", 2])
        let weight = build.constant("weight", TensorData([3, 2], [1, 2, 3, 4, 5, 6] as [Float]))
        let turned = build.node("Transpose", [weight], name: "turned", attributes: ["perm": .ints([1, 0])])
        build.output(build.node("MatMul", [input, turned], name: "product"), name: "y")
        var graph = build.graph
        #expect(try FoldConstants().run(on: &graph) == PassResult(changes: 1))
        #expect(
            TextPrinter(showsTypes: false, showsCosts: false).text(of: graph) == """
                transpose(x: float32[N, 2]) -> (y: float32[N, 3])
                  y = MatMul(x, turned.out[2, 3])

                """)
        #expect(graph.constant(named: "turned.out")?.floats == [1, 3, 5, 2, 4, 6])
        graph.checkInvariants()
    }

    @Test func `Chains of constants are folded through`() throws {
        var build = GraphBuilder(name: "chain")
        let input = build.input("x", .int64, [2])
        let sum = build.node("Add", [build.ints("a", [1, 2]), build.ints("b", [3, 4])], name: "sum")
        let product = build.node("Mul", [sum, build.ints("c", [10, 10])], name: "product")
        build.output(build.node("Add", [input, product], name: "last"), name: "y")
        var graph = build.graph
        #expect(try FoldConstants().run(on: &graph).changes == 2)
        #expect(graph.constant(named: "product.out")?.ints == [40, 60])
        #expect(graph.constants.count == 1)
    }

    @Test func `Dequantization stays, or the weights would be stored as floats again`() throws {
        var graph = Samples.quantizedLinear()
        let before = graph
        #expect(try FoldConstants().run(on: &graph).changes == 0)
        #expect(graph == before)
    }

    @Test func `A result much larger than its inputs stays computed`() throws {
        var build = GraphBuilder(name: "large")
        let input = build.input("x", .float32, [1000, 1000])
        let zeros = build.node("ConstantOfShape", [build.ints("shape", [1000, 1000])], name: "zeros")
        build.output(build.node("Add", [input, zeros], name: "sum"), name: "y")
        var graph = build.graph
        let result = try FoldConstants().run(on: &graph)
        #expect(result.changes == 0)
        #expect(
            result.notes == [
                "zeros (ConstantOfShape) is left as it is: its result has 1000000 elements, more than its inputs."
            ])
    }

    @Test func `An output of the graph stays computed`() throws {
        var build = GraphBuilder(name: "output")
        let sum = build.node("Add", [build.ints("a", [1]), build.ints("b", [2])], name: "sum")
        build.output(sum, name: "y")
        var graph = build.graph
        #expect(try FoldConstants().run(on: &graph).changes == 0)
        #expect(graph.operators == ["Add"])
    }
}
