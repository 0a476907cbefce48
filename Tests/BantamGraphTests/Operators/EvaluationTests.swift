import BantamGraph
import OrderedCollections
import Testing

/// The arithmetic on shapes, against numbers worked out by hand.
@Suite struct EvaluationTests {
    typealias Input = OperatorExample.Input

    @Test func `A shape is known although the tensor's contents are not`() throws {
        #expect(try integers("Shape", [[2, 3, 4, 5]]) == [2, 3, 4, 5])
        #expect(try integers("Shape", [[2, 3, 4, 5]], ["start": .int(-2)]) == [4, 5])
        #expect(try integers("Shape", [[2, 3, 4, 5]], ["start": .int(1), "end": .int(-1)]) == [3, 4])
        #expect(try SingleNode("Relu", [[2, 3]]).known.isEmpty)
    }

    @Test func `Integers are added, multiplied and divided as ONNX says`() throws {
        let numbers: [Input] = [.ints([7, -7, 6]), .ints([2, 2, -3])]
        #expect(try integers("Add", numbers) == [9, -5, 3])
        #expect(try integers("Sub", numbers) == [5, -9, 9])
        #expect(try integers("Mul", numbers) == [14, -14, -18])
        #expect(try integers("Div", numbers) == [3, -3, -2])
        #expect(try integers("Mod", numbers) == [1, 1, 0])
        #expect(try integers("Mod", numbers, ["fmod": .int(1)]) == [1, -1, 0])
        #expect(try integers("Neg", [.ints([7, -7])]) == [-7, 7])
        #expect(try integers("Min", numbers + [.int(0)]) == [0, -7, -3])
        #expect(try integers("Max", numbers + [.int(3)]) == [7, 3, 6])
    }

    @Test func `A division by zero and an overflow are left to the model`() throws {
        #expect(try SingleNode("Div", [.ints([1]), .ints([0])]).known.isEmpty)
        #expect(try SingleNode("Mod", [.ints([1]), .ints([0])]).known.isEmpty)
        #expect(try SingleNode("Mul", [.ints([Int.max]), .ints([2])]).known.isEmpty)
        #expect(try SingleNode("Neg", [.ints([Int.min])]).known.isEmpty)
        #expect(try SingleNode("Cast", [.floats([1e30])], ["to": .int(7)]).known.isEmpty)
    }

    @Test func `Slices are replaced in turn`() throws {
        let rows = Input.constant(TensorData([2, 1], [1, -1] as [Int64]))
        let updates = Input.constant(TensorData([2, 2], [5, 6, 7, 8] as [Int64]))
        let data = Input.constant(TensorData([3, 2], [0, 1, 2, 3, 4, 5] as [Int64]))
        #expect(try integers("ScatterND", [data, rows, updates]) == [0, 1, 5, 6, 7, 8])
    }

    @Test func `Floating-point numbers are computed with, too`() throws {
        #expect(try floats("Mul", [.floats([1.5, -2]), .floats([2])]) == [3, -4])
        #expect(try floats("Floor", [.floats([1.5, -1.5])]) == [1, -2])
        #expect(try floats("Clip", [.floats([1.5, -1.5]), .floats([0])]) == [1.5, 0])
        #expect(try floats("Ceil", [.floats([1.5, -1.5])]) == [2, -1])
        #expect(try floats("Sqrt", [.floats([9, 0.25])]) == [3, 0.5])
        #expect(
            try floats("Range", [1, -1, -0.5].map { .constant(TensorData(scalar: Float($0))) }) == [1, 0.5, 0, -0.5])
        #expect(try floats("ConstantOfShape", [.ints([2])]) == [0, 0])
    }

    @Test func `Comparisons choose`() throws {
        let equal = try SingleNode("Equal", [.ints([1, 2, 3]), .int(2)]).known
        #expect(equal == [TensorData([3], [false, true, false])])
        let condition = Input.constant(TensorData([2, 1], [true, false]))
        #expect(try integers("Where", [condition, .ints([1, 2]), .int(9)]) == [1, 2, 9, 9])
    }

    @Test func `Types are converted, fractions cut off`() throws {
        #expect(try integers("Cast", [.floats([1.9, -1.9])], ["to": .int(DType.int64.onnxCode)]) == [1, -1])
        #expect(try floats("Cast", [.ints([3])], ["to": .int(DType.float32.onnxCode)]) == [3])
        let flags = try SingleNode("Cast", [.ints([0, 2])], ["to": .int(DType.bool.onnxCode)]).known
        #expect(flags == [TensorData([2], [false, true])])
    }

    @Test func `Lists are joined, cut and picked from`() throws {
        #expect(try integers("Concat", [.ints([1, 2]), .ints([3])], ["axis": .int(0)]) == [1, 2, 3])
        #expect(try integers("Gather", [.ints([5, 6, 7]), .ints([-1, 0])]) == [7, 5])
        #expect(try SingleNode("Gather", [.ints([5, 6, 7]), .int(1)]).known == [TensorData(scalar: 6 as Int64)])
        #expect(try integers("Slice", [.ints([1, 2, 3, 4]), .ints([1]), .ints([Int.max])]) == [2, 3, 4])
        let backwards: [Input] = [.ints([1, 2, 3, 4]), .ints([-1]), .ints([Int.min]), .ints([0]), .ints([-2])]
        #expect(try integers("Slice", backwards) == [4, 2])
        let parts = try SingleNode("Split", [.ints([1, 2, 3]), .ints([1, 2])], outputs: 2).known
        #expect(parts == [TensorData([1], [1 as Int64]), TensorData([2], [2, 3] as [Int64])])
        #expect(try integers("Range", [.int(0), .int(7), .int(3)]) == [0, 3, 6])
        #expect(try integers("Range", [.int(3), .int(0), .int(1)]) == [])
    }

    @Test func `Matrices are transposed, joined and reduced`() throws {
        let matrix = Input.constant(TensorData([2, 3], [1, 2, 3, 4, 5, 6] as [Int64]))
        #expect(try integers("Transpose", [matrix]) == [1, 4, 2, 5, 3, 6])
        #expect(try integers("Concat", [matrix, matrix], ["axis": .int(1)]) == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
        #expect(try integers("Gather", [matrix, .ints([2, 0])], ["axis": .int(1)]) == [3, 1, 6, 4])
        #expect(try integers("ReduceProd", [matrix, .ints([0])]) == [4, 10, 18])
        #expect(try integers("ReduceSum", [matrix, .ints([1])], ["keepdims": .int(0)]) == [6, 15])
        #expect(try integers("ReduceMax", [matrix]) == [6])
        #expect(try integers("Expand", [.ints([1, 2]), .ints([2, 2])]) == [1, 2, 1, 2])
    }

    @Test func `Views keep the numbers and change the shape`() throws {
        let list = Input.ints([1, 2, 3, 4])
        #expect(try SingleNode("Reshape", [list, .ints([2, -1])]).known.first?.shape == [2, 2])
        #expect(try SingleNode("Unsqueeze", [list, .ints([0])]).known.first?.shape == [1, 4])
        #expect(try SingleNode("Squeeze", [.ints([4]), .ints([0])]).known == [TensorData(scalar: 4 as Int64)])
        #expect(try integers("Identity", [list]) == [1, 2, 3, 4])
        #expect(try integers("Constant", [], ["value_ints": .ints([1, 2])]) == [1, 2])
    }

    /// `x.view(x.size(0), -1)`, as exporters write it.
    @Test func `A target computed from a shape is understood`() throws {
        var build = GraphBuilder(name: "view")
        let image = build.input("input", .float32, ["N", 3, 4, 5])
        let shape = build.node("Shape", [image])
        let batch = build.node("Gather", [shape, build.constant("zero", TensorData(scalar: 0 as Int64))])
        let axis = build.constant("axis", TensorData([1], [0 as Int64]))
        let first = build.node("Unsqueeze", [batch, axis])
        let rest = build.constant("rest", TensorData([1], [-1 as Int64]))
        let target = build.node("Concat", [first, rest], attributes: ["axis": .int(0)])
        build.output(build.node("Reshape", [image, target]), name: "output")
        let graph = build.graph
        let types = try ShapeInference(of: graph, sizes: ["N": 7])
        #expect(types[graph.outputs[0]] == TensorType(.float32, [7, 60]))
    }

    private func integers(
        _ name: String, _ inputs: [Input], _ attributes: OrderedDictionary<String, Attribute> = [:]
    ) throws -> [Int64] {
        try #require(SingleNode(name, inputs, attributes).known.first).elements()
    }

    private func floats(
        _ name: String, _ inputs: [Input], _ attributes: OrderedDictionary<String, Attribute> = [:]
    ) throws -> [Float] {
        try #require(SingleNode(name, inputs, attributes).known.first).elements()
    }
}
