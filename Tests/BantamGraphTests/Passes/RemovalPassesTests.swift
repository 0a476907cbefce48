import BantamGraph
import BantamTestSupport
import Testing

@Suite struct RemoveDeadNodesTests {
    @Test func `What no output depends on goes, with its weights`() throws {
        var graph = TinyGraphs.unusedOutput()
        #expect(try RemoveDeadNodes().run(on: &graph).changes == 3)
        #expect(graph.node(named: "auxiliary") == nil)
        #expect(graph.constant(named: "auxiliary.weight") == nil)
        graph.checkInvariants()
    }

    @Test func `A node stays for one of its outputs`() throws {
        var graph = TinyGraphs.unusedOutput()
        _ = try RemoveDeadNodes().run(on: &graph)
        #expect(graph.operators.contains("Split"))
    }
}

@Suite struct RemoveIdentityTests {
    @Test func `Chains of nodes that do nothing are removed`() throws {
        var build = GraphBuilder(name: "idle")
        let input = build.input("x", .float32, ["N", 3])
        let first = build.node("Relu", [input], name: "first")
        let dropped = build.node("Dropout", [build.node("Identity", [first], name: "same")], name: "dropout")
        let cast = build.node("Cast", [dropped], name: "cast", attributes: ["to": .int(1)])
        build.output(build.node("Relu", [cast], name: "second"), name: "y")
        var graph = build.graph
        #expect(try RemoveIdentity().run(on: &graph) == PassResult(changes: 3))
        #expect(graph.operators == ["Relu", "Relu"])
        graph.checkInvariants()
        try Verifier.verify(graph)
    }

    @Test func `A cast to another type stays`() throws {
        var build = GraphBuilder(name: "cast")
        let input = build.input("x", .float32, [3])
        build.output(build.node("Cast", [input], name: "cast", attributes: ["to": .int(7)]), name: "y")
        var graph = build.graph
        #expect(try RemoveIdentity().run(on: &graph).changes == 0)
    }

    @Test func `An output keeps its name`() throws {
        var build = GraphBuilder(name: "named")
        let input = build.input("x", .float32, [3])
        let relu = build.node("Relu", [input], name: "relu")
        build.output(build.node("Identity", [relu], name: "same"), name: "y")
        var graph = build.graph
        #expect(try RemoveIdentity().run(on: &graph).changes == 1)
        #expect(graph[graph.outputs[0]].name == "y")
        #expect(graph.operators == ["Relu"])
        graph.checkInvariants()
    }

    @Test func `Between input and output a node must remain`() throws {
        var build = GraphBuilder(name: "wire")
        let input = build.input("x", .float32, [3])
        build.output(build.node("Identity", [input], name: "same"), name: "y")
        var graph = build.graph
        let result = try RemoveIdentity().run(on: &graph)
        #expect(result.changes == 0)
        #expect(result.notes == ["same (Identity) is left as it is: it gives the output y a name of its own."])
    }

    @Test func `A dropout whose mask is read stays`() throws {
        var build = GraphBuilder(name: "mask")
        let input = build.input("x", .float32, [3])
        let outputs = build.nodes("Dropout", [input], name: "dropout", outputs: 2)
        build.output(build.node("Relu", [outputs[0]], name: "relu"), name: "y")
        build.output(outputs[1], name: "mask")
        var graph = build.graph
        #expect(try RemoveIdentity().run(on: &graph).changes == 0)
    }
}
