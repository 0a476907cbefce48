import BantamGraph
import BantamTestSupport
import Testing

@Suite struct VerifierTests {
    @Test(arguments: TinyGraphs.all)
    func `Sound models pass`(graph: Graph) throws {
        try Verifier.verify(graph, rules: Verifier.rules + [.requireFiniteWeights])
    }

    @Test func `A graph without outputs is no model`() {
        #expect(violation(of: Graph(name: "empty")) == .invalidGraph)
    }

    @Test func `A value that nothing computes is found, read or not`() {
        var graph = Samples.simpleCNN()
        let dangling = graph.makeValue("dangling")
        #expect(violation(of: graph) == .undefinedValue)
        graph.addOutput(graph.addNode("Relu", name: "reader", inputs: [dangling])[0])
        #expect(violation(of: graph) == .undefinedValue)
    }

    @Test func `An output listed twice is found`() {
        var graph = Samples.simpleCNN()
        graph.addOutput(graph.outputs[0])
        #expect(violation(of: graph) == .invalidGraph)
    }

    @Test func `An unknown operator is named`() throws {
        var graph = Samples.simpleCNN()
        graph.addOutput(graph.addNode("Frobnicate", name: "strange", inputs: [graph.inputs[0].value])[0])
        let error = #expect(throws: GraphError.self) { try Verifier.verify(graph) }
        #expect(error?.code == .unknownOperator)
        #expect(error?.location?.node == "strange (Frobnicate)")
        let message = error?.message ?? ""
        #expect(message.hasPrefix("The operator Frobnicate is not supported; "))
        for name in Operators.names { #expect(message.contains(" \(name)")) }
    }

    @Test func `What an unknown operator may have meant is said`() throws {
        var graph = Graph()
        graph.addInput("x", .float32, [2])
        let input = graph.inputs[0].value
        graph.addOutput(graph.addNode("HardSwich", name: "a", domain: "com.example", inputs: [input])[0])
        let error = #expect(throws: GraphError.self) { try Verifier.verify(graph) }
        let says = "The operator HardSwich of domain com.example is not supported (did you mean HardSwish?); "
        #expect(error?.message.hasPrefix(says) == true)
    }

    @Test func `A missing input is named`() {
        var graph = Graph()
        graph.addInput("x", .float32, [2])
        graph.addOutput(graph.addNode("Relu", name: "relu", inputs: [])[0])
        let error = #expect(throws: GraphError.self) { try Verifier.verify(graph) }
        #expect(error?.code == .invalidNode)
        #expect(error?.location?.node == "relu (Relu)")
    }

    @Test func `A node without an output is named`() {
        var graph = Samples.simpleCNN()
        graph.addNode("Neg", name: "idle", inputs: [graph.inputs[0].value], outputNames: [])
        let error = #expect(throws: GraphError.self) { try Verifier.verify(graph) }
        #expect(error?.code == .invalidNode && error?.location?.node == "idle (Neg)")
    }

    @Test func `Shapes that do not agree are found at the node`() throws {
        var graph = Samples.simpleCNN()
        let weight = try #require(graph.value(named: "fc1.weight"))
        graph.setConstant(weight, to: Samples.tensor([50, 321]))
        let error = #expect(throws: GraphError.self) { try Verifier.verify(graph) }
        #expect(error?.code == .shapeMismatch)
        #expect(error?.location?.node == "fc1 (Gemm)")
    }

    @Test func `Sizes beyond any memory are refused before arithmetic on them overflows`() {
        var graph = Graph()
        let input = graph.addInput("x", .float32, [.fixed(1 << 40), .fixed(1 << 40)])
        graph.addOutput(graph.addNode("Relu", inputs: [input])[0])
        #expect(violation(of: graph) == .shapeMismatch)
    }

    /// A constant in a slot of `reader`, among other inputs that do not matter here.
    private func model(
        _ reader: String, slot: Int, _ constant: TensorData, through operators: [String] = []
    ) -> Graph {
        var build = GraphBuilder(name: "spoiled")
        let input = build.input("x", .float32, [3])
        var weight = build.constant("w", constant)
        for name in operators { weight = build.node(name, [weight], name: name) }
        var inputs: [ValueID?] = Array(repeating: input, count: max(slot + 1, 2))
        inputs[slot] = weight
        build.output(build.node(reader, inputs, name: "reader"), name: "y")
        return build.graph
    }

    private func finding(_ graph: Graph) -> GraphError? {
        do throws(GraphError) {
            try Verifier.verify(graph, rules: [.requireFiniteWeights])
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [DType.float64, .float32, .float16, .bfloat16],
        [
            ("Conv", 1), ("Conv", 2), ("Gemm", 1), ("MatMul", 1), ("BatchNormalization", 1),
            ("BatchNormalization", 4), ("LayerNormalization", 2), ("PRelu", 1), ("Mul", 0), ("Einsum", 1),
        ])
    func `A learned weight that is infinite is found by the rule for it`(dtype: DType, place: (String, Int)) {
        for number in [Double.infinity, -.infinity] {
            let data = TensorData(TensorType(dtype, [3]), rounding: [1, 65504, number])
            let error = finding(model(place.0, slot: place.1, data, through: ["Transpose", "Cast"]))
            #expect(error?.code == .nonFiniteWeight)
            #expect(error?.message.contains("w is infinite at element 2") == true)
            #expect(error?.location?.node == "reader (\(place.0))")
        }
    }

    @Test(arguments: [
        ("Add", 1), ("Sub", 0), ("Where", 2), ("Max", 1), ("Min", 0), ("Clip", 1), ("Pad", 2), ("Less", 1),
        ("Concat", 0), ("Slice", 0), ("ScatterND", 2), ("Sum", 1), ("Equal", 1),
    ]) func `Infinity is a number where it masks, limits or fills`(_ reader: String, _ slot: Int) {
        let data = TensorData([3], [0, -Float.infinity, .infinity])
        #expect(finding(model(reader, slot: slot, data, through: ["Unsqueeze", "Expand"])) == nil)
        // NaN is one nowhere.
        let error = finding(model(reader, slot: slot, TensorData([3], [0, -Float.infinity, .nan])))
        #expect(error?.message.contains("w is NaN at element 2") == true)
    }

    @Test func `What is a mask for one reader and a weight for another must be finite`() {
        var graph = model("Add", slot: 1, TensorData([3], [0, -Float.infinity, 0]))
        #expect(finding(graph) == nil)
        let weight = graph.constants.keys[0]
        graph.addOutput(graph.addNode("Mul", name: "factor", inputs: [graph.inputs[0].value, weight])[0])
        #expect(finding(graph)?.location?.node == "factor (Mul)")
    }

    @Test func `A mask is not among the parameters`() {
        for (number, count) in [(-Float.infinity, 0), (-.greatestFiniteMagnitude, 0), (-65504, 0), (-12, 1)] {
            #expect(model("Add", slot: 1, TensorData([3], [0, number, 0])).parameters.count == count)
        }
    }

    @Test func `A negative variance is named as what it is`() throws {
        func model(_ variance: Float, epsilon: Float) -> Graph {
            var build = GraphBuilder(name: "norm")
            let input = build.input("x", .float32, [1, 2, 4])
            let ones = build.constant("ones", TensorData([2], [1, 1] as [Float]))
            let variances = build.constant("variance", TensorData([2], [1, variance]))
            build.output(
                build.node(
                    "BatchNormalization", [input, ones, ones, ones, variances], name: "bn",
                    attributes: ["epsilon": .float(epsilon)]), name: "y")
            return build.graph
        }
        let error = #expect(throws: GraphError.self) { try Verifier.verify(model(-0.5, epsilon: 1e-5)) }
        #expect(error?.location?.node == "bn (BatchNormalization)")
        #expect(error?.message.hasPrefix("The variance is negative: -0.5 for channel 1") == true)
        #expect(throws: GraphError.self) { try Verifier.verify(model(0, epsilon: 0)) }
        // Rounding leaves a variance of zero slightly below it, which epsilon makes good.
        try Verifier.verify(model(-1e-8, epsilon: 1e-5))
        try Verifier.verify(model(0, epsilon: 1e-5))
    }

    private func violation(of graph: Graph) -> GraphErrorCode? {
        do throws(GraphError) {
            try Verifier.verify(graph)
            return nil
        } catch {
            return error.code
        }
    }
}
