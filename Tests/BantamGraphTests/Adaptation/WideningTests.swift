import BantamGraph
import BantamTestSupport
import Testing

@Suite struct WideningTests {
    /// A convolution, a cast away from and back to the model's type, and a classifier, all of one type.
    private func model(_ dtype: DType) -> Graph {
        var build = GraphBuilder(name: "half")
        func weight(_ name: String, _ shape: Shape) -> ValueID {
            build.constant(name, Samples.tensor(shape).converted(to: dtype) ?? Samples.tensor(shape))
        }
        let input = build.input("image", dtype, ["N", 3, 8, 8])
        let conv = build.node(
            "Conv", [input, weight("conv.weight", [4, 3, 3, 3]), weight("conv.bias", [4])], name: "conv")
        let wide = build.node("Cast", [conv], attributes: ["to": .int(DType.float32.onnxCode)])
        let back = build.node("Cast", [wide], attributes: ["to": .int(dtype.onnxCode)])
        let shape = build.node("Shape", [back])
        let zeros = build.node(
            "ConstantOfShape", [shape],
            attributes: ["value": .tensor(TensorData(TensorType(dtype, [1]), rounding: [0.5]))])
        let sum = build.node("Add", [back, zeros])
        let pooled = build.node("Flatten", [build.node("GlobalAveragePool", [sum])])
        build.output(build.node("Gemm", [pooled, weight("fc.weight", [4, 5])], name: "fc"), name: "logits")
        return build.graph
    }

    @Test(arguments: [DType.float16, .bfloat16, .float64]) func `A model becomes one of float32 throughout`(
        _ dtype: DType
    ) throws {
        var graph = model(dtype)
        let record = try #require(try graph.widenToFloat32())
        #expect(record == WidenedTypes(weights: dtype, inputs: ["image": dtype], outputs: ["logits": dtype]))
        #expect(record.description == "\(dtype.rawValue) weights, input and output")
        graph.checkInvariants()
        try Verifier.verify(graph)
        let types = try ShapeInference(of: graph)
        for value in graph.values.keys {
            if let type = types[value], type.dtype.isFloatingPoint { #expect(type.dtype == .float32) }
        }
        #expect(graph.widenedTypes == record)
        let result = try graph.widenToFloat32()
        #expect(result == nil)
    }

    @Test(arguments: [DType.float16, .bfloat16, .float64]) func `It is stored as before with the same numbers`(
        _ dtype: DType
    ) throws {
        let before = model(dtype)
        var graph = before
        try graph.widenToFloat32()
        let isNarrowed = graph.narrowToStoredTypes()
        #expect(isNarrowed)
        graph.checkInvariants()
        try Verifier.verify(graph)
        for name in ["conv.weight", "conv.bias", "fc.weight"] {
            #expect(graph.constant(named: name) == before.constant(named: name))
        }
        #expect(graph.inputs.map(\.dtype) == [dtype])
        #expect(graph.inputs.map { graph[$0.value].name } == ["image"])
        #expect(graph.outputs.map { graph[$0].name } == ["logits"])
        #expect(try ShapeInference(of: graph)[graph.outputs[0]]?.dtype == dtype)
        // And once more.
        let record = graph.widenedTypes
        try graph.widenToFloat32()
        #expect(graph.widenedTypes == record)
    }

    @Test func `Half weights with a cast behind each, in a model of float32, are widened and remembered`() throws {
        var build = GraphBuilder(name: "stored")
        let input = build.input("x", .float32, ["N", 4])
        let weight = build.constant("w", Samples.tensor([4, 2]).converted(to: .float16) ?? Samples.tensor([4, 2]))
        let wide = build.node("Cast", [weight], attributes: ["to": .int(DType.float32.onnxCode)])
        build.output(build.node("MatMul", [input, wide]), name: "y")
        var graph = build.graph
        let result1 = try graph.widenToFloat32()
        #expect(result1 == WidenedTypes(weights: .float16))
        #expect(graph.constants.values.allSatisfy { $0.dtype == .float32 })
    }

    @Test func `A model of float32 stays as it is, and what a stranger wrote in the record is not trusted`() throws {
        var graph = Samples.simpleCNN()
        let before = graph
        let result2 = try graph.widenToFloat32()
        #expect(result2 == nil)
        let isNarrowed = graph.narrowToStoredTypes()
        #expect(!isNarrowed)
        #expect(graph == before)
        for text in ["weights int8", "weights", "input float16", "sing float16 x", ""] {
            graph.metadata["bantam.widened"] = text
            #expect(graph.widenedTypes == nil, "\(text)")
        }
    }

    @Test(arguments: TinyGraphs.all) func `Every kind of graph can be stored in half and widened`(_ graph: Graph) throws
    {
        var half = graph
        let names = graph.inputs.filter { $0.dtype == .float32 }.map { graph[$0.value].name }
        half.widenedTypes = WidenedTypes(
            weights: .float16, inputs: Dictionary(uniqueKeysWithValues: names.map { ($0, .float16) }))
        half.narrowToStoredTypes()
        half.checkInvariants()
        try Verifier.verify(half)
        try half.widenToFloat32()
        try Verifier.verify(half)
        try Passes.inference.run(on: &half)
        var plain = graph
        try Passes.inference.run(on: &plain)
        #expect(half.operators == plain.operators)
    }
}
