import BantamGraph
import Testing

@Suite struct GraphTests {
    @Test func `A copy is not touched by edits of the original`() {
        var graph = Samples.simpleCNN()
        let before = graph
        graph.updateNode(graph.nodes.keys[0]) { $0.name = "renamed" }
        #expect(before != graph)
        #expect(before.nodes.values[0].name == "conv1")
    }

    @Test func `Taken names get a number appended`() {
        var graph = Graph()
        let first = graph.addConstant("w", TensorData(scalar: 1 as Float))
        let second = graph.addConstant("w", TensorData(scalar: 2 as Float))
        #expect(graph[first].name == "w")
        #expect(graph[second].name == "w_1")
    }

    @Test func `Consumers follow when an input is set`() throws {
        var graph = Samples.simpleCNN()
        let relu = try #require(graph.node(named: "relu1"))
        let (pool, conv) = (
            try #require(graph.value(named: "pool1.out")), try #require(graph.value(named: "conv1.out"))
        )
        graph.setInput(0, of: relu.id, to: conv)
        #expect(graph.consumers(of: pool).isEmpty)
        #expect(graph.consumers(of: conv).contains(relu.id))
        graph.checkInvariants()
    }

    @Test func `An output keeps its name when another value takes its place`() throws {
        var graph = Samples.simpleCNN()
        let logits = graph.outputs[0]
        let hidden = try #require(graph.value(named: "relu3.out"))
        graph.replaceUses(of: logits, with: hidden)
        #expect(graph.outputs == [hidden])
        #expect(graph[hidden].name == "logits")
        graph.checkInvariants()
    }

    @Test func `Removing nodes removes the values they made`() throws {
        var graph = Samples.simpleCNN()
        let last = graph.nodes.keys[graph.nodes.count - 1]
        let hidden = try #require(graph.value(named: "relu3.out"))
        graph.replaceUses(of: graph.outputs[0], with: hidden)
        graph.removeNodes([last])
        graph.removeUnusedConstants()
        #expect(graph.constant(named: "fc2.weight") == nil)
        graph.checkInvariants()
    }

    @Test func `Sorting puts nodes after what they read`() throws {
        var graph = Graph()
        let input = graph.addInput("x", .float32, [2])
        let middle = graph.makeValue("middle")
        let result = graph.addNode("Relu", name: "second", inputs: [middle])
        graph.addNode("Relu", name: "first", inputs: [input], outputs: [middle])
        graph.addOutput(result[0])
        try graph.sortNodes()
        #expect(graph.nodes.values.map(\.name) == ["first", "second"])
        graph.checkInvariants()
    }

    @Test func `A cycle is told from the nodes around it`() {
        var graph = Graph()
        let input = graph.addInput("x", .float32, [2])
        let (a, b) = (graph.makeValue("a"), graph.makeValue("b"))
        graph.addNode("Neg", name: "before", inputs: [input], outputNames: ["before"])
        graph.addNode("Neg", name: "after", inputs: [a], outputNames: ["after"])
        graph.addNode("Add", name: "first", inputs: [input, b], outputs: [a])
        graph.addNode("Relu", name: "second", inputs: [a], outputs: [b])
        let error = #expect(throws: GraphError.self) { try graph.sortNodes() }
        #expect(error?.message.contains("a cycle through first (Add), second (Relu); ") == true)
    }

    @Test func `Names that are taken get numbers, however many there are`() {
        var graph = Graph()
        let count = 50_000
        for _ in 0..<count { _ = graph.makeValue("x") }
        #expect(graph.value(named: "x_\(count - 1)") != nil)
        #expect(graph.values.count == count)
    }

    @Test func `A value that many nodes read is replaced`() {
        var graph = Graph()
        let (old, new) = (graph.addInput("old", .float32, [2]), graph.addInput("new", .float32, [2]))
        let count = 20_000
        for _ in 0..<count { graph.addNode("Add", inputs: [old, old]) }
        let keeper = graph.addNode("Relu", name: "keeper", inputs: [old])
        graph.replaceUses(of: old, with: new, except: Set([graph.producer(of: keeper[0])?.id].compactMap(\.self)))
        #expect(graph.consumers(of: new).count == count)
        #expect(graph.consumers(of: old).count == 1)
        graph.checkInvariants()
    }

    @Test func `A cycle is reported with the nodes on it`() {
        var graph = Graph()
        let (a, b) = (graph.makeValue("a"), graph.makeValue("b"))
        graph.addNode("Relu", name: "first", inputs: [b], outputs: [a])
        graph.addNode("Relu", name: "second", inputs: [a], outputs: [b])
        let error = #expect(throws: GraphError.self) { try graph.sortNodes() }
        #expect(error?.code == .cycle)
        #expect(error?.message.contains("first (Relu), second (Relu)") == true)
    }
}
