import BantamGraph
import BantamTestSupport
import Testing

@Suite struct LivenessTests {
    @Test func `A chain holds a node's input and output at a time`() throws {
        let graph = TinyGraphs.chain()
        let liveness = try Liveness(of: graph)
        #expect(liveness.peak == ByteCount(2 * 4 * 6 * 8 * 8))
        #expect(liveness.peakNode.map { graph[$0].name } == "norm1")
        #expect(liveness.liveAtPeak.map { graph[$0].name } == ["conv1.out", "norm1.out"])
    }

    @Test func `A residual branch keeps its input alive`() throws {
        let graph = TinyGraphs.residual()
        let liveness = try Liveness(of: graph)
        #expect(liveness.peak == ByteCount(4 * 64 * (6 + 6 + 4)))
        #expect(Set(liveness.liveAtPeak.map { graph[$0].name }) == ["conv1.out", "relu2.out", "relu1.out"])
    }

    @Test func `The batch scales the peak`() throws {
        let graph = Samples.simpleCNN()
        #expect(try Liveness(of: graph, sizes: ["N": 16]).peak.bytes == 16 * Liveness(of: graph).peak.bytes)
    }

    @Test func `Views cost nothing but keep what they show`() throws {
        var build = GraphBuilder(name: "views")
        let input = build.input("x", .float32, [4, 4])
        let relu = build.node("Relu", [input], name: "relu")
        let view = build.node("Reshape", [relu, build.ints("shape", [16])], name: "view")
        let second = build.node("Sigmoid", [view], name: "sigmoid")
        build.output(build.node("Flatten", [second], name: "flat", attributes: ["axis": .int(0)]), name: "y")
        let liveness = try Liveness(of: build.graph)
        #expect(liveness.peak == ByteCount(2 * 64))
        #expect(build.graph.value(named: "view.out").map(liveness.liveAtPeak.contains) == false)
    }

    @Test func `An output stays until the end`() throws {
        var build = GraphBuilder(name: "outputs")
        let input = build.input("x", .float32, [100])
        let early = build.node("Relu", [input], name: "early")
        let late = build.node("Sigmoid", [input], name: "late")
        build.output(early, name: "a")
        build.output(build.node("Relu", [late], name: "last"), name: "b")
        #expect(try Liveness(of: build.graph).peak == ByteCount(3 * 400))
    }

    @Test func `A graph without nodes holds its inputs`() throws {
        var graph = Graph()
        graph.addOutput(graph.addInput("x", .float32, [5]))
        let liveness = try Liveness(of: graph)
        #expect(liveness.peak == ByteCount(20))
        #expect(liveness.peakNode == nil)
    }

    @Test func `Constants are not counted`() throws {
        var build = GraphBuilder(name: "constant")
        let input = build.input("x", .float32, [3])
        let view = build.node("Identity", [build.constant("c", Samples.tensor([3]))], name: "view")
        build.output(build.node("Add", [input, view], name: "sum"), name: "y")
        #expect(try Liveness(of: build.graph).peak == ByteCount(24))
    }
}

@Suite struct KeptForBackwardTests {
    @Test func `Each tensor is kept once, however many nodes need it`() throws {
        let graph = TinyGraphs.squeezeExcite()
        let kept = try KeptForBackward(of: graph)
        #expect(Set(kept.values).count == kept.values.count)
        let relu = try #require(graph.value(named: "relu1.out"))
        #expect(kept.values.contains(relu))
    }

    @Test func `Kept memory grows with the batch`() throws {
        let graph = TinyGraphs.chain()
        let one = try KeptForBackward(of: graph, sizes: ["N": 1]).bytes
        let four = try KeptForBackward(of: graph, sizes: ["N": 4]).bytes
        #expect(four.bytes > 3 * one.bytes)
    }

    @Test func `Weights are not kept: they are there anyway`() throws {
        let graph = Samples.simpleCNN()
        let kept = try KeptForBackward(of: graph)
        #expect(kept.values.allSatisfy { graph.constants[$0] == nil })
    }
}
