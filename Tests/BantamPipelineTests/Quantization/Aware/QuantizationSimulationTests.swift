import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamModel
@testable import BantamQuantization

/// The graph that is trained for INT8: it must be the INT8 model at every moment.
@Suite struct QuantizationSimulationTests {
    /// What calibration on these inputs finds.
    private func ranges(
        _ graph: Graph, _ method: StaticQuantization, _ inputs: [TensorData]
    ) throws -> [String: ActivationRange] {
        let values = try method.statistics(for: graph)
        var calibration = Calibration(of: values.map { graph[$0].name })
        let taps = try withoutGradients {
            try Network(graph).forward(try inputs.map { try Tensor($0) }, taps: values).taps
        }
        for (value, tensor) in taps { try calibration.observe(try tensor.data(), of: graph[value].name) }
        return try calibration.ranges()
    }

    private func simulation(
        of graph: Graph, keepsNorms: Bool, _ inputs: [TensorData], _ method: StaticQuantization = StaticQuantization()
    ) throws -> QuantizationSimulation {
        try QuantizationSimulation(of: graph, method, keepsNorms: keepsNorms) { try ranges($0, method, inputs) }
    }

    /// The model that static quantization makes of the graph.
    private func quantized(
        _ graph: Graph, _ inputs: [TensorData], _ method: StaticQuantization = StaticQuantization()
    ) throws -> (graph: Graph, plan: StaticQuantizationPlan) {
        var graph = graph
        try method.prepare(&graph)
        let plan = try method.plan(for: graph, ranges: try ranges(graph, method, inputs))
        try StaticQuantization.apply(plan, to: &graph)
        return (graph, plan)
    }

    /// A graph with other numbers, as a training leaves it.
    private func changed(_ graph: Graph) -> Graph {
        var graph = graph
        var random = SeededGenerator(seed: 5)
        for value in graph.parameters + graph.statistics {
            guard let data = graph.constants[value] else { continue }
            let isScale = graph[value].name.hasSuffix(".scale")
            graph.setConstant(
                value,
                to: TensorData(
                    data.shape,
                    data.elements(of: Float.self).map {
                        isScale ? $0 * random.uniform(in: 0.5...1.2) : $0 * random.uniform(in: 0.9...1.3)
                    }))
        }
        return graph
    }

    /// Whether the outputs differ by no more than rounding noise: a bias in int32 or the last bit of a product can turn
    /// a number near a half to the next integer, here and there.
    private func expectSame(_ left: [TensorData], _ right: [TensorData], _ comment: Comment) {
        for (left, right) in zip(left, right) {
            let (left, right) = (left.elements(of: Float.self), right.elements(of: Float.self))
            let extent = max((right.max() ?? 0) - (right.min() ?? 0), 1e-3)
            let differences = zip(left, right).map { abs($0 - $1) }
            #expect((differences.max() ?? 0) <= extent / 255, comment)
            #expect(differences.reduce(0, +) <= extent / 1000 * Float(left.count), comment)
        }
    }

    @Test(arguments: TinyGraphs.names, [false, true])
    func `Training starts from what static quantization gives`(name: String, keepsNorms: Bool) throws {
        let graph = try #require(TinyGraphs.named(name))
        let inputs = graph.sampleInputs()
        let simulation = try simulation(of: graph, keepsNorms: keepsNorms, inputs)
        let expected = try quantized(graph, inputs)
        expectSame(try simulation.graph.run(inputs), try expected.graph.run(inputs), "\(name)")
        #expect(!simulation.scales.isEmpty)
        #expect(Set(simulation.scales).isSubset(of: simulation.graph.parameters))
        // Untrained, it gives the same plan, but for the last bits of factors that were multiplied and divided again.
        let (deployable, plan) = try simulation.deployable(simulation.graph)
        #expect(plan.nodes == expected.plan.nodes)
        #expect(plan.activations.map(\.parameters) == expected.plan.activations.map(\.parameters))
        #expect(plan.weights.map(\.value) == expected.plan.weights.map(\.value))
        for (weight, other) in zip(plan.weights, expected.plan.weights) {
            for (scale, otherScale) in zip(weight.parameters.scales, other.parameters.scales) {
                #expect(abs(scale / otherScale - 1) < 1e-5)
            }
        }
        deployable.checkInvariants()
    }

    @Test(arguments: TinyGraphs.names, [false, true])
    func `What was trained is what the file computes`(name: String, keepsNorms: Bool) throws {
        let graph = try #require(TinyGraphs.named(name))
        let inputs = graph.sampleInputs()
        let simulation = try simulation(of: graph, keepsNorms: keepsNorms, inputs)
        let trained = changed(simulation.graph)
        var (deployed, plan) = try simulation.deployable(trained)
        try StaticQuantization.apply(plan, to: &deployed)
        #expect(!deployed.nodes.values.contains { $0.domain == Operators.ownDomain })
        #expect(deployed.nodes.values.contains { $0.operatorName == "QuantizeLinear" })
        expectSame(try deployed.run(inputs), try trained.run(inputs), "\(name)")
    }

    @Test func `BatchNorm stays where its factor goes into the scales, and is folded where it does not`() throws {
        let graph = BandSamples().classifier()
        let inputs = graph.sampleInputs()
        func norms(_ graph: Graph) -> Int { graph.nodes.values.count { $0.operatorName == "BatchNormalization" } }
        #expect(norms(try simulation(of: graph, keepsNorms: true, inputs).graph) == 1)
        #expect(norms(try simulation(of: graph, keepsNorms: false, inputs).graph) == 0)
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 8, isPerChannel: false)
        let method = StaticQuantization(profile: profile)
        let folded = try simulation(of: graph, keepsNorms: true, inputs, method)
        #expect(norms(folded.graph) == 0)
        expectSame(
            try folded.graph.run(inputs), try quantized(graph, inputs, method).graph.run(inputs), "one scale a weight")
    }

    @Test func `A BatchNorm that turns a channel off or around does no harm`() throws {
        var graph = BandSamples().classifier()
        let inputs = graph.sampleInputs()
        graph.setNumbers("bn1.weight") { index, number in index == 0 ? 0 : index == 1 ? -number : number }
        let simulation = try simulation(of: graph, keepsNorms: true, inputs)
        expectSame(try simulation.graph.run(inputs), try quantized(graph, inputs).graph.run(inputs), "start")
        let trained = changed(simulation.graph)
        var (deployed, plan) = try simulation.deployable(trained)
        try StaticQuantization.apply(plan, to: &deployed)
        expectSame(try deployed.run(inputs), try trained.run(inputs), "end")
    }

    @Test(arguments: TinyGraphs.names) func `Activations that share a scale share what is learned`(
        name: String
    ) throws {
        var graph = try #require(TinyGraphs.named(name))
        let method = StaticQuantization()
        let simulation = try simulation(of: graph, keepsNorms: true, graph.sampleInputs())
        let plan = try simulation.deployable(changed(simulation.graph)).plan
        try method.prepare(&graph)
        let groups = try method.layout(of: graph).groups
        #expect(simulation.scales.count == plan.weights.count + groups.count)
        let parameters = Dictionary(
            plan.activations.map { ($0.value, $0.parameters) }, uniquingKeysWith: { first, _ in first })
        for group in groups { #expect(Set(group.map { parameters[graph[$0].name] }).count == 1) }
        if name == "two_pathway_video" { #expect(groups.contains { $0.count > 1 }) }
    }

    @Test func `Scales that training destroyed are reported by name`() throws {
        let graph = BandSamples().classifier()
        let simulation = try simulation(of: graph, keepsNorms: true, graph.sampleInputs())
        var trained = simulation.graph
        trained.setNumbers("conv2.weight.scale") { _, _ in .nan }
        let text = errorText { _ = try simulation.deployable(trained) }
        #expect(text.contains("conv2.weight.scale") && text.contains("NaN"))
        trained = simulation.graph
        trained.setNumbers("conv2.weight") { _, _ in .nan }
        #expect(errorCode { _ = try simulation.deployable(trained) } == .notFinite)
    }

    @Test func `A scale cannot fall below a sixteenth of where it started`() throws {
        let graph = BandSamples().classifier()
        let simulation = try simulation(of: graph, keepsNorms: true, graph.sampleInputs())
        let network = try Network(simulation.graph)
        let floor = try ScaleFloor(simulation.scales, of: network)
        let scale = try #require(network.tensor(of: simulation.scales[0]))
        let start = try scale.data().elements(of: Float.self)
        try withoutGradients { try scale.multiply(by: -3) }
        try floor.enforce()
        #expect(try scale.data().elements(of: Float.self) == start.map { $0 / 16 })
        try withoutGradients { try scale.multiply(by: 160) }
        try floor.enforce()
        #expect(try scale.data().elements(of: Float.self) == start.map { $0 / 16 * 160 })
    }
}
