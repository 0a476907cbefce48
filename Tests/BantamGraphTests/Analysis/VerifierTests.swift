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
        #expect(message.hasPrefix("The operator Frobnicate is not supported. "))
        for name in Operators.names { #expect(message.contains(" \(name)")) }
    }

    @Test func `What an unknown operator may have meant is said`() throws {
        var graph = Graph()
        graph.addInput("x", .float32, [2])
        let input = graph.inputs[0].value
        graph.addOutput(graph.addNode("HardSwich", name: "a", domain: "com.example", inputs: [input])[0])
        let error = #expect(throws: GraphError.self) { try Verifier.verify(graph) }
        let says = "The operator HardSwich of domain com.example is not supported; did you mean HardSwish? "
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

    @Test(arguments: [DType.float64, .float32, .float16, .bfloat16], [Double.nan, .infinity, -.infinity])
    func `A weight that is not finite is found by the rule for it`(dtype: DType, number: Double) {
        var build = GraphBuilder(name: "spoiled")
        let input = build.input("x", TensorData(scalar: 0 as Float).dtype, [3])
        let weight = build.constant("w", TensorData(TensorType(dtype, [3]), rounding: [1, 65504, number]))
        _ = build.node("Relu", [weight], name: "reader")
        build.output(build.node("Relu", [input], name: "relu"), name: "y")
        let error = #expect(throws: GraphError.self) {
            try Verifier.verify(build.graph, rules: [.requireFiniteWeights])
        }
        #expect(error?.code == .nonFiniteWeight)
        #expect(error?.message.contains("w is NaN or infinite at element 2") == true)
        #expect(error?.location?.node == "reader (Relu)")
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
