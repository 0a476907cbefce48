import BantamGraph
import BantamTestSupport
import Testing

/// What holds for every pass, checked on every pattern of graph.
@Suite struct PassesTests {
    @Test(arguments: TinyGraphs.all)
    func `Each pass leaves a sound model with the same interface`(graph: Graph) throws {
        let outputs = try Self.interface(graph)
        for pass in Passes.all {
            var rewritten = graph
            _ = try pass.run(on: &rewritten)
            rewritten.checkInvariants()
            try Verifier.verify(rewritten)
            #expect(try Self.interface(rewritten) == outputs, "\(type(of: pass).name)")
        }
    }

    @Test(arguments: TinyGraphs.all)
    func `A second run finds nothing to change`(graph: Graph) throws {
        for pass in Passes.all {
            var rewritten = graph
            _ = try pass.run(on: &rewritten)
            let once = rewritten
            let second = try pass.run(on: &rewritten)
            #expect(second.changes == 0, "\(type(of: pass).name)")
            #expect(rewritten == once, "\(type(of: pass).name)")
        }
    }

    @Test func `Names are unique`() {
        #expect(Set(Passes.all.map { type(of: $0).name }).count == Passes.all.count)
    }

    @Test func `A pipeline reports each step in order`() throws {
        var graph = TinyGraphs.chain()
        let steps = try Passes.inference.run(on: &graph)
        #expect(steps.map(\.pass) == Passes.inference.passes.map { type(of: $0).name })
        #expect(steps.first { $0.pass == FoldBatchNorm.name }?.result.changes == 2)
        #expect(graph.operators == ["Conv", "Relu", "Conv", "Relu", "GlobalAveragePool", "Flatten", "Gemm"])
    }

    @Test func `A pass that fails is named, and the graph stays as it was`() {
        var graph = Samples.simpleCNN()
        graph.addOutput(graph.addNode("Frobnicate", name: "strange", inputs: [graph.inputs[0].value])[0])
        let before = graph
        let error = #expect(throws: GraphError.self) { try Passes.inference.run(on: &graph) }
        #expect(error?.code == .unknownOperator)
        #expect(error?.message.hasPrefix("The pass FoldShapeComputations failed: ") == true)
        #expect(graph == before)
    }

    /// Names and types of inputs and outputs.
    private static func interface(_ graph: Graph) throws -> [String] {
        let types = try ShapeInference(of: graph, sizes: ["N": 3])
        return (graph.inputs.map(\.value) + graph.outputs).map { "\(graph[$0].name): \(types[$0]?.description ?? "?")" }
    }
}
