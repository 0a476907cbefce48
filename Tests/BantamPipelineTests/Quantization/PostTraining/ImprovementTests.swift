import BantamGraph
import BantamNetwork
import BantamPipeline
import BantamStage
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamQuantization

/// What static quantization does on its own where outputs have suffered.
@Suite struct ImprovementTests {
    private let samples = BandSamples(count: 64)

    /// A classifier with one weight of each filter far beyond the others, so that eight bits are few.
    private func damaged() throws -> Graph {
        var graph = samples.classifier(width: 12)
        for name in ["conv1.weight", "conv2.weight"] {
            graph.setNumbers(name) { index, number in index % 9 == 0 ? number * 40 : number }
        }
        return graph
    }

    private func outcome(
        improves: Bool, rounding: WeightRounding = .nearest, of graph: Graph? = nil
    ) throws -> (decibels: Double, record: StaticQuantizationRecord, [String]) {
        let (graph, data) = (try graph ?? damaged(), try samples.data())
        let configuration = StaticQuantizationConfiguration(
            target: "x86", samples: 64, rounding: rounding, improves: improves)
        let outcome = try StepRunner(data: data).perform(.quantizeStatic(configuration), on: graph)
        let record = try #require(outcome.plan as? StaticQuantizationRecord)
        return (try OutputError(of: graph, on: data).signalToNoise(of: outcome.graph), record, outcome.notes)
    }

    @Test func `Where outputs suffer, more is done if it helps, and said`() throws {
        let (before, after) = (try outcome(improves: false), try outcome(improves: true))
        #expect(before.record.roundings.isEmpty && before.record.scheme == QuantizationScheme())
        #expect(after.decibels >= before.decibels)
        if before.decibels < 30, after.decibels > before.decibels + 0.5 {
            #expect(after.2.contains { $0.hasPrefix("The outputs had ") }, "\(after.2)")
        }
    }

    /// Sums of large numbers that nearly cancel.
    private func residual() throws -> Graph {
        var build = LayerBuilder(name: "residual", weights: .random(seed: 1))
        let x = build.graph.input("input", .float32, ["N", 1, 6, 6])
        var value = build.convolution(x, "conv1", channels: (1, 8), kernel: [3, 3])
        for index in 0..<4 {
            let branch = build.convolution(value, "branch\(index)", channels: (8, 8), kernel: [1, 1])
            value = build.graph.node("Add", [value, branch], name: "sum\(index)")
        }
        build.graph.output(build.convolution(value, "conv2", channels: (8, 3), kernel: [4, 4]), name: "output")
        return build.graph.graph
    }

    @Test func `Compensated rounding that is asked for is no worse than what is done unasked`() throws {
        let graph = try residual()
        let usual = try outcome(improves: true, of: graph)
        let asked = try outcome(improves: true, rounding: .compensating, of: graph)
        let alone = try outcome(improves: false, rounding: .compensating, of: graph)
        // Otherwise there is nothing to lose.
        #expect(usual.decibels > alone.decibels + 0.5, "\(usual.decibels) beside \(alone.decibels)")
        #expect(asked.decibels > usual.decibels - 0.5, "\(asked.decibels) beside \(usual.decibels)")
    }

    @Test func `Good outputs are left alone`() throws {
        let data = try samples.data()
        let graph = try StepRunner(data: data).perform(.train(.quick(epochs: 4)), on: samples.classifier()).graph
        let outcome = try StepRunner(data: data).perform(.quantizeStatic(.init(samples: 64)), on: graph)
        let record = try #require(outcome.plan as? StaticQuantizationRecord)
        let decibels = try OutputError(of: graph, on: data).signalToNoise(of: outcome.graph)
        #expect(decibels > 30 && record.roundings.isEmpty && record.scheme == QuantizationScheme(), "\(decibels)")
    }

    @Test func `Part of a range is kept of what nothing bounds`() throws {
        var build = LayerBuilder(name: "bounded", weights: .random(seed: 2))
        let x = build.graph.input("input", .float32, ["N", 1, 6, 6])
        var value = build.convolution(x, "conv1", channels: (1, 4), kernel: [3, 3])
        let ends = [0, 6 as Float].map { build.graph.constant("end\($0)", TensorData(scalar: $0)) }
        value = build.graph.node("Clip", [value] + ends, name: "clip")
        value = build.convolution(value, "conv2", channels: (4, 4), kernel: [3, 3])
        build.graph.output(build.convolution(value, "conv3", channels: (4, 2), kernel: [1, 1]), name: "output")
        let data = try samples.data()
        let quantization = try PostTrainingQuantization(.init(samples: 64), data: data, in: StageContext())
        var whole = QuantizationScheme()
        let workshop = try QuantizationWorkshop(build.graph.graph, [whole], quantization, samples: data)
        let ranges = workshop.ranges(for: whole)
        whole.rangeShare = 0.5
        let halves = workshop.ranges(for: whole)
        #expect(halves["input"] == ranges["input"] && halves["clip.out"] == ranges["clip.out"])
        let (full, half) = try (#require(ranges["conv2.out"]), #require(halves["conv2.out"]))
        #expect(half.lower == full.lower / 2 && half.upper == full.upper / 2)
        #expect("\(whole)" == "min-max, bias corrected, 50 % of the ranges")
    }

    @Test func `Layers are listed in order, with their shares of the MACs`() throws {
        let data = try samples.data()
        let quantization = try PostTrainingQuantization(.init(samples: 64), data: data, in: StageContext())
        let graph = samples.classifier(width: 12)
        var prepared = graph
        try StaticQuantization().prepare(&prepared)
        let scheme = QuantizationScheme()
        let workshop = try QuantizationWorkshop(prepared, [scheme], quantization, samples: data)
        let all = try workshop.layers(of: scheme)
        #expect(all.map(\.name) == ["conv1", "conv2", "fc"])
        #expect(abs(all.reduce(0) { $0 + $1.share } - 1) < 1e-9)
        var mixed = scheme
        mixed.floatNodes = ["conv1"]
        let record = try workshop.make(mixed, .compensating).record
        #expect(record.plan.floatNodes.contains { $0.node.hasPrefix("conv1") })
        #expect(record.roundings.map(\.node).allSatisfy { !$0.hasPrefix("conv1") })
    }
}
