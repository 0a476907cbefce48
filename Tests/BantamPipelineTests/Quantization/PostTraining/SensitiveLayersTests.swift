import BantamGraph
import BantamNetwork
import BantamPipeline
import BantamStage
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamQuantization

/// Which layers stay in floating point where the outputs would be poor otherwise.
@Suite struct SensitiveLayersTests {
    private let samples = BandSamples(count: 64)

    /// Five convolutions. What the fourth reads has one channel `factor` times as wide as the others, of which it takes as
    /// little account: of one scale for all, the others get hardly an integer.
    private func network(factor: Float) -> Graph {
        var build = LayerBuilder(name: "uneven", weights: .random(seed: 5))
        let input = build.graph.input("input", .float32, ["N", 1, 6, 6])
        var x = input
        for (index, channels) in [(1, 8), (8, 8), (8, 8), (8, 8), (8, 3)].enumerated() {
            let name = "conv\(index + 1)"
            x = build.convolution(x, name, channels: channels, kernel: [3, 3], padding: .symmetric([1, 1]))
            if index < 4 { x = build.relu(x, "relu\(index + 1)") }
        }
        build.graph.output(x, name: "map")
        var graph = build.graph.graph
        graph.setNumbers("conv3.weight") { index, number in index < 72 ? number * factor : number }
        graph.setNumbers("conv3.bias") { index, number in index == 0 ? number * factor : number }
        graph.setNumbers("conv4.weight") { index, number in index / 9 % 8 == 0 ? number / factor : number }
        return graph
    }

    private func workshop(_ graph: Graph, _ scheme: QuantizationScheme) throws -> QuantizationWorkshop {
        let data = try samples.data()
        let quantization = try PostTrainingQuantization(.init(samples: 64), data: data, in: StageContext())
        var prepared = graph
        try StaticQuantization().prepare(&prepared)
        return try QuantizationWorkshop(prepared, [scheme], quantization, samples: data)
    }

    @Test func `The layer that suffers is found, and no other`() throws {
        let (scheme, data) = (QuantizationScheme(), try samples.data())
        let workshop = try workshop(network(factor: 400), scheme)
        let judge = try OutputError(of: workshop.graph(for: scheme), on: data)
        #expect(try judge.signalToNoise(of: workshop.make(scheme, .nearest).graph) < 20)
        let layers = try SensitiveLayers(in: workshop, scheme, .nearest, judge: judge, samples: data)
        var mixed = scheme
        mixed.floatNodes = try #require(try layers.leftInFloat(reaching: 20))
        #expect(mixed.floatNodes == ["conv4"])
        #expect(try judge.signalToNoise(of: workshop.make(mixed, .nearest).graph) >= 20)
        #expect(try layers.leftInFloat(reaching: 150) == nil, "half of the MACs stay in integers")
    }

    @Test(arguments: [WeightRounding.nearest, .compensating]) func `By default outputs are not left poor`(
        rounding: WeightRounding
    ) throws {
        let (graph, data) = (network(factor: 400), try samples.data())
        let outcome = try StepRunner(data: data).perform(
            .quantizeStatic(.init(samples: 64, rounding: rounding)), on: graph)
        let record = try #require(outcome.plan as? StaticQuantizationRecord)
        #expect(try OutputError(of: graph, on: data).signalToNoise(of: outcome.graph) >= 20)
        #expect(record.plan.nodes.contains { $0.placement == .integer }, "\(record.scheme)")
        #expect(outcome.notes.contains { $0.hasPrefix("The outputs had ") }, "\(outcome.notes)")
    }

    @Test func `Of many layers that stay in floating point for one reason, two are named`() {
        func nodes(_ count: Int, _ reason: String?) -> [NodePlacement] {
            (0..<count).map {
                let name = "\(reason ?? "integer") \($0)"
                return NodePlacement(
                    node: name, output: name, placement: reason == nil ? .integer : .float, reason: reason, macs: 1)
            }
        }
        let notes = (nodes(4, nil) + nodes(3, "few") + nodes(5, "many")).notes
        #expect(notes.count == 5 && notes[0].hasPrefix("4 of 12 layers compute in INT8"))
        #expect(notes[1] == "few 0 stays in floating point: few.")
        #expect(notes[4] == "5 layers stay in floating point, many 0, many 1 and 3 more: many.")
    }

    @Test func `Many layers are counted, few are named`() {
        var scheme = QuantizationScheme()
        scheme.floatNodes = ["a", "b"]
        #expect("\(scheme)" == "min-max, bias corrected, a and b in floating point")
        scheme.floatNodes = (0..<5).map { "layer\($0)" }
        #expect("\(scheme)" == "min-max, bias corrected, 5 layers in floating point")
    }
}
