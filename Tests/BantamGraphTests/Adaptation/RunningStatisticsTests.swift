import BantamGraph
import Testing

@Suite struct RunningStatisticsTests {
    /// `y = Relu(BatchNormalization(x))`, with the statistics as outputs too.
    private func model(training: Int?, outputs: Int, readsStatistics: Bool = false) -> Graph {
        var build = GraphBuilder(name: "norm")
        let input = build.input("x", .float32, ["N", 2, 4])
        let numbers = (0..<4).map { build.constant("c\($0)", TensorData([2], [1, Float($0) + 1])) }
        let made = build.nodes(
            "BatchNormalization", [input] + numbers, name: "bn", outputs: outputs,
            attributes: training.map { ["training_mode": .int($0)] } ?? [:])
        build.output(build.node("Relu", [made[0]], name: "relu"), name: "y")
        if readsStatistics { build.output(made[1], name: "mean") }
        return build.graph
    }

    @Test(arguments: [1, 3]) func `A BatchNorm in training mode is set to its running statistics, which is said`(
        _ outputs: Int
    ) throws {
        var graph = model(training: 1, outputs: outputs)
        let notes = graph.useRunningStatistics()
        #expect(
            notes == ["BatchNorm bn used the statistics of the batch (training_mode); set to the running ones"])
        graph.checkInvariants()
        try Verifier.verify(graph)
        let node = try #require(graph.node(named: "bn"))
        #expect(node.attributes["training_mode"] == nil && node.outputs.count == 1)
        let result = graph.useRunningStatistics()
        #expect(result == [])
    }

    @Test func `Statistics that are outputs of the model become the stored ones`() throws {
        var graph = model(training: 1, outputs: 3, readsStatistics: true)
        graph.useRunningStatistics()
        graph.checkInvariants()
        try Verifier.verify(graph)
        #expect(graph.outputs.map { graph[$0].name } == ["y", "mean"])
        #expect(graph.constants[graph.outputs[1]]?.elements(of: Float.self) == [1, 3])
    }

    @Test(arguments: [nil, 0]) func `A BatchNorm in inference mode stays as it is`(_ training: Int?) {
        let graph = model(training: training, outputs: 1)
        var copy = graph
        let result1 = copy.useRunningStatistics()
        #expect(result1 == [])
        #expect(copy == graph)
    }

    @Test func `A dropout that would drop is switched off`() throws {
        for (isOn, count) in [(true, 1), (false, 0)] {
            var build = GraphBuilder(name: "dropout")
            let input = build.input("x", .float32, ["N", 4])
            let ratio = build.constant("ratio", TensorData(scalar: 0.5 as Float))
            let training = build.constant("training", TensorData(scalar: isOn))
            build.output(build.node("Dropout", [input, ratio, training], name: "drop"), name: "y")
            var graph = build.graph
            let result2 = graph.useRunningStatistics()
            #expect(result2.count == count)
            graph.checkInvariants()
            #expect(graph.node(named: "drop")?.inputs.count == 2)
        }
    }
}
