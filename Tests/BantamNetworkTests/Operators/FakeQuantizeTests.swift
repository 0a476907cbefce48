import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Testing

/// Rounding with learned scales against PyTorch, against the formula, and in graphs.
@Suite struct FakeQuantizeTests {
    /// The settings of a case of `Scripts/golden/fake_quantize.py`.
    struct Golden: Sendable, CustomTestStringConvertible {
        var name: String
        var axis: Int?
        var lowest: Int
        var highest: Int
        var gradientFactor: Double
        var testDescription: String { name }

        static let all = [
            Golden(name: "activation", lowest: -100, highest: 155, gradientFactor: 0.25),
            Golden(name: "clip", lowest: -128, highest: 127, gradientFactor: 1),
            Golden(name: "weight", axis: 0, lowest: -127, highest: 127, gradientFactor: 0.125),
            Golden(name: "transposed", axis: 1, lowest: -7, highest: 7, gradientFactor: 0.5),
        ]
    }

    private static let operation = ATenOperation("bantam::fake_quantize")

    /// - Returns: The result, and the derivatives by the input and by the scale.
    private func round(
        _ input: Tensor, _ scale: Tensor, slope: Tensor, axis: Int? = nil, _ limits: ClosedRange<Int>,
        gradientFactor: Double = 1
    ) throws -> (output: TensorData, byInput: TensorData, byScale: TensorData) {
        let input = try input.requireGradient()
        let scale = try scale.requireGradient()
        let output = try Self.operation.tensor(
            .tensor(input), .tensor(scale), axis.map(ATenValue.int) ?? .none, .double(Double(limits.lowerBound)),
            .double(Double(limits.upperBound)), .double(gradientFactor))
        try output.backward(gradient: slope)
        return (
            try output.detached().data(), try #require(input.gradient).data(), try #require(scale.gradient).data()
        )
    }

    @Test(arguments: Golden.all, [false, true]) func `Results and derivatives are PyTorch's`(
        golden: Golden, channelsLast: Bool
    ) throws {
        let file = try SafeTensors.read(fixture("goldens/fake_quantize.safetensors"))
        func tensor(_ key: String) throws -> TensorData { try #require(file.tensors["\(golden.name)/\(key)"]) }
        var input = try Tensor(try tensor("input"))
        if channelsLast { input = try input.channelsLast() }
        let result = try round(
            input, try Tensor(try tensor("scale")), slope: try Tensor(try tensor("slope")), axis: golden.axis,
            golden.lowest...golden.highest, gradientFactor: golden.gradientFactor)
        #expect(result.output.difference(from: try tensor("output")) == nil)
        #expect(result.byInput.difference(from: try tensor("byInput")) == nil)
        #expect(result.byScale.difference(from: try tensor("byScale")) == nil)
    }

    /// What libtorch's threads and devices share is computed by other code than float32 on the CPU.
    @Test(arguments: [DType.float32, .float64]) func `The formula holds, also far beyond the limits`(
        dtype: DType
    ) throws {
        // In units of the scale 0.5: -200, -4.4, -0.5, 0.5, 1.5, 2.2, 3.4, 3.6, 1e9.
        let numbers: [Float] = [-100, -2.2, -0.25, 0.25, 0.75, 1.1, 1.7, 1.8, 5e8]
        let slope: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
        func tensor(_ values: [Float]) throws -> Tensor {
            try Tensor(TensorData([values.count], values)).converted(to: dtype).detached()
        }
        let result = try round(try tensor(numbers), try tensor([0.5]), slope: try tensor(slope), -4...3)
        func floats(_ data: TensorData) throws -> [Float] {
            try Tensor(data).converted(to: .float32).data().elements()
        }
        // Halves round to even. 3.6 would become 4, so it lies beyond; 3.4 becomes 3 and lies within.
        #expect(try floats(result.output) == [-2, -2, 0, 0, 1, 1, 1.5, 1.5, 1.5])
        #expect(try floats(result.byInput) == [0, 2, 3, 4, 5, 6, 7, 0, 0])
        let byScale: [Float] = [-4, 0.4, 0.5, -0.5, 0.5, -0.2, -0.4, 3, 3]
        let expected = zip(slope, byScale).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(try floats(result.byScale)[0] - expected) < 1e-4)
    }

    @Test func `NaN stays NaN, so that a training that diverges is noticed`() throws {
        let input = try Tensor(TensorData([3], [Float.nan, .infinity, -.infinity]))
        let output = try Self.operation.tensor(
            .tensor(input), .tensor(try Tensor(TensorData([1], [0.1 as Float]))), .none, .double(-128), .double(127),
            .double(1))
        let numbers = try output.data().elements(of: Float.self)
        #expect(numbers[0].isNaN && numbers[1] == 12.7 && numbers[2] == -12.8)
    }

    @Test func `Under autocast numbers are rounded in float32`() throws {
        let numbers = (0..<64).map { Float($0) * 0.0371 - 1 }
        let input = try Tensor(TensorData([64], numbers)).converted(to: .bfloat16)
        let scale = try Tensor(TensorData([1], [0.011 as Float]))
        func rounded(_ input: Tensor) throws -> TensorData {
            try Self.operation.tensor(
                .tensor(input), .tensor(scale), .none, .double(-128), .double(127), .double(1)
            ).data()
        }
        #expect(try rounded(input) == (try rounded(try input.converted(to: .float32))))
    }

    // MARK: In a graph

    /// `y = Gemm(FakeQuantize(x), FakeQuantize(W))`
    private func linear() -> Graph {
        var graph = Graph(name: "rounded")
        func round(_ value: ValueID, scales: [Float], axis: Int? = nil) -> ValueID {
            let name = graph[value].name
            let scale = graph.addConstant("\(name).scale", TensorData([scales.count], scales))
            let node = graph.addNode(
                "FakeQuantize", name: "\(name).round", domain: Operators.ownDomain, inputs: [value, scale],
                outputs: [graph.makeValue("\(name).rounded")], attributes: ["lowest": .int(-7), "highest": .int(7)])
            if let axis { graph.updateNode(node) { $0.attributes["axis"] = .int(axis) } }
            return graph[node].outputs[0] ?? value
        }
        let x = graph.addInput("x", .float32, ["N", 4])
        let weight = graph.addConstant("weight", TensorData([3, 4], (0..<12).map { Float($0) / 7 - 0.81 }))
        let inputs = [round(x, scales: [0.3]), round(weight, scales: [0.1, 0.2, 0.3], axis: 0)]
        graph.addOutput(graph.addNode("Gemm", name: "y", inputs: inputs, attributes: ["transB": .int(1)])[0])
        return graph
    }

    @Test func `Scales are learned like weights, until they are frozen`() throws {
        let network = try Network(linear())
        #expect(Set(network.parameters.map(\.name)) == ["x.scale", "weight", "weight.scale"])
        let x = try Tensor(TensorData([2, 4], [0.1, 0.5, -1.3, 9, 1, 2, -3, 0.2] as [Float]))
        var gradients: [NodeContext.Mode: [String: TensorData]] = [:]
        var outputs: [TensorData] = []
        for mode in [NodeContext.Mode.training, .frozenTraining] {
            let y = try network.forward([x], mode: mode).outputs[0]
            outputs.append(try y.detached().data())
            try y.sum().backward()
            for parameter in network.parameters {
                gradients[mode, default: [:]][parameter.name] = try parameter.tensor.gradient?.data()
                try parameter.tensor.setGradient(nil)
            }
        }
        #expect(outputs[0] == outputs[1])
        #expect(outputs[0] == (try withoutGradients { try network.forward([x]).outputs[0].data() }))
        #expect(gradients[.training]?.count == 3)
        #expect(gradients[.frozenTraining].map { $0.keys.sorted() } == ["weight"])
        #expect(gradients[.frozenTraining]?["weight"] == gradients[.training]?["weight"])
    }

    @Test func `Scales that do not fit are refused by name`() throws {
        var graph = linear()
        let scale = try #require(graph.value(named: "weight.scale"))
        graph.setConstant(scale, to: TensorData([4], [1, 1, 1, 1] as [Float]))
        let error = #expect(throws: GraphError.self) { try ShapeInference(of: graph) }
        #expect(error?.code == .shapeMismatch)
        #expect(try #require(error).description.contains("scales [4] for [3, 4] along axis 0"))
    }
}
