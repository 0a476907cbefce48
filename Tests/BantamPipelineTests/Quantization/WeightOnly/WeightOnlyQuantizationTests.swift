import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamQuantization

@Suite struct WeightOnlyQuantizationTests {
    @Test(arguments: TinyGraphs.all.map(\.name), [WeightForm.int8, .int4])
    func `Weights become integers behind one DequantizeLinear, and nothing else changes`(
        name: String, form: WeightForm
    ) throws {
        let original = try #require(TinyGraphs.all.first { $0.name == name })
        var graph = original
        let plan = try WeightOnlyQuantization(form).plan(for: graph)
        #expect(graph == original)
        #expect(try throughJSON(plan) == plan)
        try WeightOnlyQuantization.apply(plan, to: &graph)
        graph.checkInvariants()
        let (types, before) = (try ShapeInference(of: graph), try ShapeInference(of: original))
        #expect(graph.outputs.map { types[$0] } == original.outputs.map { before[$0] })
        for weight in plan.weights { #expect(graph.constantTypes[weight.value]?.dtype == weight.dtype) }
        #expect(graph.nodes.values.count { $0.operatorName == "DequantizeLinear" } == plan.weights.count)
        #expect(graph.constantTypes.filter { $0.key.hasSuffix(".bias") }.allSatisfy { $0.value.dtype == .float32 })
        // What the plan says of the bytes is what the model holds.
        let added = try CostAnalysis(of: graph).total.weightBytes - CostAnalysis(of: original).total.weightBytes
        let floats = plan.weights.reduce(0) { $0 + (original.constant(named: $1.value)?.byteCount.bytes ?? 0) }
        let shapes = graph.constantTypes.filter { original.constantTypes[$0.key] == nil && $0.value.dtype == .int64 }
        let ofShapes = shapes.values.reduce(0) { $0 + $1.byteCount.bytes }
        #expect(added.bytes - ofShapes == plan.byteCount.bytes - floats)
    }

    @Test func `Rows are cut into groups, filters as matrices`() throws {
        var graph = LayerGraphs.all[1]  // 16 to 8 channels, 3x3
        let plan = try WeightOnlyQuantization(.int4).plan(for: graph)
        #expect(plan.weights[0].groupSize == 72)
        try WeightOnlyQuantization.apply(plan, to: &graph)
        let hasZeroPoint = plan.weights[0].dtype == .uint4
        let zeroPoint = hasZeroPoint ? ", conv2d.weight.zero_point[8, 2]" : ""
        #expect(
            graph.plainText == """
                conv2d(input: float32[N, 16, 6, 5]) -> (output: float32[N, 8, 6, 5])
                  conv2d.weight.dequantized = \
                DequantizeLinear(conv2d.weight[8, 144], conv2d.weight.scale[8, 2]\(zeroPoint)) axis=1 block_size=72
                  conv2d.weight.reshaped = Reshape(conv2d.weight.dequantized, conv2d.weight.shape{8, 16, 3, 3})
                  output = Conv(input, conv2d.weight.reshaped, conv2d.bias[8]) \
                kernel_shape=[3, 3] pads=[1, 1, 1, 1] strides=[1, 1] group=1

                """)
    }

    @Test(arguments: LayerGraphs.all.map(\.name), WeightForm.allCases)
    func `Stored numbers stand for the weight as the plan says`(name: String, form: WeightForm) throws {
        let original = try #require(LayerGraphs.all.first { $0.name == name })
        var graph = original
        let plan = try WeightOnlyQuantization(form, groupSize: form.isInteger ? 32 : nil).plan(for: graph)
        try WeightOnlyQuantization.apply(plan, to: &graph)
        for weight in plan.weights {
            let before = try #require(original.constant(named: weight.value)).elements(of: Float.self)
            let after = try #require(graph.storedValues(of: weight.value))
            var (error, power) = (0.0, 0.0)
            for (before, after) in zip(before, after) {
                error += (Double(before) - after) * (Double(before) - after)
                power += Double(before) * Double(before)
            }
            #expect(abs(error / power - weight.relativeError) <= 1e-3 * weight.relativeError + 1e-12)
            #expect(weight.relativeError < form.bound, "\(weight)")
        }
    }

    @Test func `More bits and smaller groups lose less`() throws {
        func error(_ form: WeightForm, _ size: Int? = nil) throws -> Double {
            let graph = try #require(LayerGraphs.all.first { $0.name == "linear" })
            return try WeightOnlyQuantization(form, groupSize: size).plan(for: graph).weights[0].relativeError
        }
        #expect(try error(.int4, 16) < error(.int4))
        #expect(try error(.int8) < error(.int4, 16))
        #expect(try error(.int8, 16) < error(.int8))
        #expect(try error(.float16) < error(.bfloat16))
    }

    @Test func `An excluded weight stays float with a note`() throws {
        var graph = TinyGraphs.residual()
        let plan = try WeightOnlyQuantization(excludedNodes: ["conv1"]).plan(for: graph)
        #expect(plan.notes == ["conv1.weight stays as it is: conv1 (Conv) was excluded."])
        try WeightOnlyQuantization.apply(plan, to: &graph)
        #expect(graph.constantTypes["conv1.weight"]?.dtype == .float32)
        #expect(graph.constantTypes["conv2.weight"]?.dtype == .int8)
    }

    @Test func `A shared weight is stored once`() throws {
        var graph = TinyGraphs.sharedWeight()
        try WeightOnlyQuantization.apply(try WeightOnlyQuantization(.int4).plan(for: graph), to: &graph)
        let readers = graph.value(named: "shared.weight").map { graph.consumers(of: $0).count }
        #expect(readers == 1)
        #expect(graph.nodes.values.count { $0.operatorName == "Conv" } == 3)
    }

    @Test func `Four bits in rows of an odd count stay eight for OpenVINO`() throws {
        var build = GraphBuilder(name: "odd")
        let x = build.input("input", .float32, ["N", 27])
        let weight = build.constant("w", TensorData([27, 4], (0..<108).map { Float($0 % 7 - 3) }))
        build.output(build.node("MatMul", [x, weight], name: "product"), name: "output")
        let plan = try WeightOnlyQuantization(.int4).plan(for: build.graph)
        #expect(plan.weights[0].dtype == .int8)
        #expect(plan.notes.count == 1 && plan.notes[0].contains("w is stored as int8") && plan.notes[0].contains("27"))
    }

    @Test(arguments: [0, -1, 7]) func `A group size without sense is refused`(size: Int) {
        let text = errorText { _ = try WeightOnlyQuantization(.int4, groupSize: size).plan(for: TinyGraphs.chain()) }
        #expect(text.contains("Groups of \(size) weights") && text.contains("at least 8"))
    }

    @Test(arguments: WeightForm.allCases) func `A weight that is no number is named`(form: WeightForm) throws {
        var graph = TinyGraphs.residual()
        let weight = try #require(graph.value(named: "conv2.weight"))
        var numbers = try #require(graph.constants[weight]).elements(of: Float.self)
        numbers[3] = .nan
        graph.setConstant(weight, to: TensorData(try #require(graph.constants[weight]).shape, numbers))
        let damaged = graph
        #expect(
            errorText { _ = try WeightOnlyQuantization(form).plan(for: damaged) }.contains("conv2.weight holds NaN"))
    }

    @Test(arguments: WeightForm.allCases) func `A model without weights is refused`(form: WeightForm) {
        var build = GraphBuilder(name: "softmax")
        let x = build.input("input", .float32, ["N", 3])
        build.output(build.node("Softmax", [x], name: "softmax"), name: "output")
        let graph = build.graph
        #expect(errorCode { _ = try WeightOnlyQuantization(form).plan(for: graph) } == .nothingToCompress)
    }

    @Test(arguments: WeightForm.allCases)
    func `A plan for another graph is refused, and the graph is left unchanged`(form: WeightForm) throws {
        let plan = try WeightOnlyQuantization(form).plan(for: TinyGraphs.residual())
        var graph = TinyGraphs.chain()
        let before = graph
        #expect(errorCode { try WeightOnlyQuantization.apply(plan, to: &graph) } == .planMismatch)
        #expect(graph == before)
    }
}

extension WeightForm {
    /// What the power of rounding stays below, over the power of a uniformly distributed weight.
    fileprivate var bound: Double {
        switch self {
        case .int8: 1e-4
        case .int4: 2e-2
        case .float16: 1e-6
        case .bfloat16: 1e-5
        }
    }
}

extension Graph {
    /// The numbers that a stored weight stands for, by ONNX's definitions and one at a time.
    func storedValues(of name: String) -> [Double]? {
        guard let data = constant(named: name), let value = value(named: name),
            let reader = consumers(of: value).first.map({ self[$0] })
        else { return nil }
        if reader.operatorName == "Cast" { return data.doubles() }
        guard let scales = constant(named: "\(name).scale")?.doubles() else { return nil }
        let zeroPoints = constant(named: "\(name).zero_point")?.unpackingNibbles().elements(of: UInt8.self)
        let integers: [Int]
        switch data.dtype {
        case .uint4: integers = data.unpackingNibbles().elements(of: UInt8.self).map(Int.init)
        default: integers = data.unpackingNibbles().elements(of: Int8.self).map(Int.init)
        }
        guard case .int(let axis)? = reader.attributes["axis"] else { return nil }
        let (shape, inner) = (data.shape, data.shape.dimensions[(axis + 1)...].reduce(1, *))
        return integers.enumerated().map { index, integer in
            let position = index / inner % shape[axis]
            var group = position
            if case .int(let block)? = reader.attributes["block_size"] {
                group = (index / inner / shape[axis] * (shape[axis] / block) + position / block) * inner + index % inner
            }
            return Double(integer - (zeroPoints.map { Int($0[group]) } ?? 0)) * scales[group]
        }
    }
}
