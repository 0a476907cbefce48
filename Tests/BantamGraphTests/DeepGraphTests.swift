import BantamGraph
import Testing

/// A model may be as deep as its author, or an attacker, likes: nothing may recurse over its nodes or take quadratic
/// time.
@Suite struct `A very deep chain` {
    private static let count = 10_000

    /// - Parameter isReversed: Whether the file lists the last node first.
    private func chain(of operatorName: String, isReversed: Bool = false) -> Graph {
        var graph = Graph(name: "chain")
        let input = graph.addInput("x", .float32, ["N", 4])
        let values = [input] + (0..<Self.count).map { graph.makeValue("v\($0)") }
        let order = Array(1..<values.count)
        for index in isReversed ? order.reversed() : order {
            graph.addNode(operatorName, name: "node", inputs: [values[index - 1]], outputs: [values[index]])
        }
        graph.addOutput(values[values.count - 1])
        return graph
    }

    @Test func `is sorted`() throws {
        var graph = chain(of: "Relu", isReversed: true)
        try graph.sortNodes()
        #expect(graph.nodes.values.first?.inputs.first == graph.inputs[0].value)
        graph.checkInvariants()
    }

    @Test func `is a cycle when its end is its beginning`() throws {
        var graph = chain(of: "Relu")
        let first = try #require(graph.nodes.keys.first)
        graph.setInput(0, of: first, to: graph.outputs[0])
        let error = #expect(throws: GraphError.self) { try graph.sortNodes() }
        #expect(error?.code == .cycle)
        #expect((error?.message.count ?? 0) < 200)
    }

    @Test func `is verified`() throws { try Verifier.verify(chain(of: "Relu")) }

    @Test func `is analysed`() throws {
        let graph = chain(of: "Relu")
        _ = try CostAnalysis(of: graph)
        _ = try Liveness(of: graph)
    }

    @Test func `is searched for channels`() throws { _ = try ChannelGroups(of: chain(of: "Relu")) }

    @Test func `is rewritten`() throws {
        var graph = chain(of: "Relu")
        try Passes.inference.run(on: &graph)
        #expect(graph.nodes.count == Self.count)
    }

    @Test func `of nodes that do nothing vanishes`() throws {
        var graph = chain(of: "Identity")
        try Passes.inference.run(on: &graph)
        #expect(graph.nodes.count <= 1)
    }
}
