import BantamGraph
import BantamTestSupport
import Testing

@Suite struct FoldBatchNormTests {
    @Test(arguments: [
        Layer("Conv", weight: [4, 3, 1], groups: 1), Layer("Conv", weight: [4, 3, 1, 1], groups: 1),
        Layer("Conv", weight: [4, 3, 1, 1, 1], groups: 1), Layer("Conv", weight: [4, 2, 1, 1], groups: 2),
        Layer("Conv", weight: [6, 1, 1, 1], groups: 3), Layer("ConvTranspose", weight: [3, 4, 1, 1], groups: 1),
        Layer("ConvTranspose", weight: [4, 3, 1, 1], groups: 2), Layer("Gemm", weight: [4, 3], groups: 1),
        Layer("Gemm", weight: [3, 4], groups: 1, isTransposed: false),
    ])
    func `A folded layer computes what both did`(layer: Layer) throws {
        for hasBias in [true, false] {
            var graph = layer.graph(hasBias: hasBias)
            let expected = layer.evaluate(graph)
            let result = try FoldBatchNorm().run(on: &graph)
            #expect(result == PassResult(changes: 1))
            #expect(graph.operators == [layer.operatorName])
            graph.checkInvariants()
            try Verifier.verify(graph)
            for (folded, reference) in zip(layer.evaluate(graph), expected) {
                #expect(abs(folded - reference) < 1e-4 * max(1, abs(reference)))
            }
        }
    }

    @Test func `Gemm's beta is multiplied into the new bias`() throws {
        let layer = Layer("Gemm", weight: [4, 3], groups: 1)
        var graph = layer.graph(hasBias: true)
        let node = try #require(graph.node(named: "layer"))
        graph.updateNode(node.id) { $0.attributes["beta"] = .float(0.5) }
        let expected = layer.evaluate(graph)
        _ = try FoldBatchNorm().run(on: &graph)
        #expect(graph.node(named: "layer")?.attributes["beta"] == .float(1))
        for (folded, reference) in zip(layer.evaluate(graph), expected) { #expect(abs(folded - reference) < 1e-4) }
    }

    @Test func `Pruned weights stay plain zeros, whatever the sign of the factor`() throws {
        var graph = TinyGraphs.chain()
        for name in ["conv1.weight", "norm1.weight"] {
            let value = try #require(graph.value(named: name))
            let data = try #require(graph.constants[value])
            let numbers = data.elements(of: Float.self).enumerated().map { index, number in
                name == "conv1.weight" ? index % 2 == 0 ? 0 : number : -abs(number)
            }
            graph.setConstant(value, to: TensorData(data.shape, numbers))
        }
        _ = try FoldBatchNorm().run(on: &graph)
        let folded = try #require(graph.constant(named: "conv1.weight")).elements(of: Float.self)
        for index in folded.indices { #expect((folded[index].bitPattern == 0) == (index % 2 == 0), "\(index)") }
    }

    @Test func `Weights keep their type`() throws {
        var graph = TinyGraphs.chain()
        for value in graph.parameters + graph.statistics {
            let type = TensorType(.float16, graph.constants[value]?.shape ?? [])
            graph.setConstant(value, to: TensorData(type, rounding: graph.constants[value]?.doubles() ?? []))
        }
        _ = try FoldBatchNorm().run(on: &graph)
        #expect(graph.constant(named: "conv1.weight")?.dtype == .float16)
        #expect(graph.constant(named: "conv1.bias")?.dtype == .float16)
    }

    @Test func `A layer whose output is read elsewhere stays, with the reason`() throws {
        var graph = TinyGraphs.chain()
        let inner = try #require(graph.value(named: "conv1.out"))
        graph.addOutput(graph.addNode("Relu", name: "probe", inputs: [inner])[0])
        let result = try FoldBatchNorm().run(on: &graph)
        #expect(result.changes == 1)
        #expect(
            result.notes == [
                "norm1 (BatchNormalization) is left as it is: the output of conv1 (Conv) is also read elsewhere."
            ])
    }

    @Test func `A shared weight stays`() throws {
        var graph = TinyGraphs.chain()
        let weight = try #require(graph.value(named: "conv1.weight"))
        let other = graph.addNode("Conv", name: "twin", inputs: [graph.inputs[0].value, weight])
        graph.addOutput(other[0])
        let result = try FoldBatchNorm().run(on: &graph)
        #expect(result.changes == 1)
        #expect(result.notes.first?.contains("the weight conv1.weight is shared") == true)
    }

    @Test func `Statistics of the batch cannot be folded`() throws {
        var graph = TinyGraphs.chain()
        let norm = try #require(graph.node(named: "norm1"))
        graph.updateNode(norm.id) { $0.attributes["training_mode"] = .int(1) }
        let result = try FoldBatchNorm().run(on: &graph)
        #expect(result.changes == 1)
        #expect(result.notes.first?.contains("the batch's statistics") == true)
    }
}

/// A layer with a kernel of one element and a BatchNorm behind it, small enough to be evaluated by its formula.
struct Layer: Sendable {
    var operatorName: String
    var weight: Shape
    var groups: Int
    var isTransposed = true

    init(_ operatorName: String, weight: Shape, groups: Int, isTransposed: Bool = true) {
        self.operatorName = operatorName
        self.weight = weight
        self.groups = groups
        self.isTransposed = isTransposed
    }

    /// Whether the weight's axis 0 lists the outputs.
    private var outputsFirst: Bool { operatorName == "Conv" || operatorName == "Gemm" && isTransposed }
    private var inputCount: Int { outputsFirst ? weight[1] * groups : weight[0] }
    private var outputCount: Int { outputsFirst ? weight[0] : weight[1] * groups }

    func graph(hasBias: Bool) -> Graph {
        var build = GraphBuilder(name: operatorName)
        let space = Array(repeating: InputDimension.fixed(1), count: weight.rank - 2)
        let input = build.input("x", .float32, ["N", .fixed(inputCount)] + space)
        let weightValue = build.constant("weight", Samples.tensor(weight))
        let bias = hasBias ? build.constant("bias", Samples.tensor([outputCount])) : nil
        let output = build.node(
            operatorName, [input, weightValue, bias], name: "layer",
            attributes: operatorName == "Gemm" ? ["transB": .int(isTransposed ? 1 : 0)] : ["group": .int(groups)])
        let parameters = (1...4).map { slot in
            build.constant(
                "norm\(slot)", TensorData([outputCount], Samples.numbers(outputCount).map { $0 / Float(slot) }))
        }
        build.output(
            build.node("BatchNormalization", [output] + parameters, name: "norm", attributes: ["epsilon": .float(0.1)]),
            name: "y")
        return build.graph
    }

    /// The outputs for inputs 1, 2, 3, ...: written down from the definitions of the operators.
    func evaluate(_ graph: Graph) -> [Double] {
        guard let node = graph.node(named: "layer"), let weights = graph.constant(1, of: node)?.doubles() else {
            return []
        }
        let bias = graph.constant(2, of: node)?.doubles()
        let beta = if case .float(let beta)? = node.attributes["beta"] { Double(beta) } else { 1.0 }
        var outputs = (0..<outputCount).map { beta * (bias?[$0] ?? 0) }
        let (inputs, perGroup) = (inputCount / groups, outputCount / groups)
        for output in 0..<outputCount {
            for input in 0..<inputs {
                let source = output / perGroup * inputs + input
                let index = outputsFirst ? output * inputs + input : source * perGroup + output % perGroup
                outputs[output] += weights[index] * Double(source + 1)
            }
        }
        guard let norm = graph.node(named: "norm") else { return outputs }
        let numbers = (1...4).map { graph.constant($0, of: norm)?.doubles() ?? [] }
        return outputs.enumerated().map { channel, x in
            (x - numbers[2][channel]) / (numbers[3][channel] + 0.1).squareRoot() * numbers[0][channel]
                + numbers[1][channel]
        }
    }
}
