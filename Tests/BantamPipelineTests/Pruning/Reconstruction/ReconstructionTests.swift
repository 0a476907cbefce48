import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Testing

@testable import BantamPruning

@Suite struct ReconstructionTests {
    /// More samples than the widest layer of the tiny graphs has inputs.
    private static let sampleCount = 48

    private func input(of graph: Graph, seed: UInt64 = 1, count: Int = sampleCount) -> TensorData {
        var random = SeededGenerator(seed: seed).stream(graph.name)
        return .random(graph.inputs[0].shape(defaultSize: count), from: &random)
    }

    /// A plan that removes these channels of the first layer named.
    private func plan(removing channels: [Int], of label: String, in graph: Graph) throws -> StructuredPruning.Plan {
        let groups = try ChannelGroups(of: graph).groups
        return plan(removing: channels, of: try #require(groups.firstIndex { $0.label.hasPrefix(label) }), groups)
    }

    private func plan(removing channels: [Int], of index: Int, _ groups: [ChannelGroup]) -> StructuredPruning.Plan {
        StructuredPruning.Plan(
            quantity: .macs, channelMultiple: 1, before: 0, after: 0, attention: .headDimensions,
            groups: [
                .init(
                    index: index, label: groups[index].label, channels: groups[index].channelCount, removed: channels)
            ], obstacles: [])
    }

    /// The mean square of the difference from the original's first output, as a share of the output's own.
    private func error(of graph: Graph, from original: Graph, on input: TensorData) throws -> Double {
        func output(_ graph: Graph) throws -> [Double] {
            try #require(
                try withoutGradients { try Network(graph).forward([try Tensor(input)]).outputs.last?.data() }?.doubles()
            )
        }
        let (expected, result) = (try output(original), try output(graph))
        let square = expected.reduce(0) { $0 + $1 * $1 }
        return zip(expected, result).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / square
    }

    private func reconstructed(
        _ graph: Graph, _ plan: StructuredPruning.Plan, count: Int = sampleCount, mostInputs: Int = .max
    ) throws -> (plain: Graph, fitted: Graph, records: [Reconstruction.Record]) {
        let plain = try applying(plan, to: graph)
        var fitted = plain
        let records = try Reconstruction.apply(
            to: &fitted, of: graph, after: plan, inputs: [try Tensor(input(of: graph, count: count))],
            mostInputs: mostInputs)
        return (plain, fitted, records)
    }

    private func applying(_ plan: StructuredPruning.Plan, to graph: Graph) throws -> Graph {
        var graph = graph
        try StructuredPruning.apply(plan, to: &graph)
        return graph
    }

    /// Each graph with two equal channels in the layer named: a copy of a filter, its bias and its normalization.
    private static func doubled(_ graph: Graph, _ names: [String], first: Int, second: Int) -> Graph {
        var graph = graph
        for name in names {
            guard let value = graph.values.first(where: { $0.value.name == name })?.key,
                let data = graph.constants[value]
            else { preconditionFailure("no \(name)") }
            let inner = data.elementCount / data.shape[0]
            let numbers = data.elements(of: Float.self)
            graph.setNumbers(name) { index, number in
                index / inner == second ? numbers[first * inner + index % inner] : number
            }
        }
        return graph
    }

    @Test func `A channel of which there are two is not missed`() throws {
        let cases: [(graph: Graph, label: String, constants: [String])] = [
            (
                TinyGraphs.chain(), "conv1",
                ["conv1.weight", "conv1.bias", "norm1.weight", "norm1.bias", "norm1.running_mean", "norm1.running_var"]
            ),
            (TinyGraphs.residual(), "conv1", ["conv1.weight", "conv1.bias"]),
        ]
        for (graph, label, constants) in cases {
            let present = constants.filter { name in graph.values.contains { $0.value.name == name } }
            let doubled = Self.doubled(graph, present, first: 1, second: 4)
            let plan = try plan(removing: [4], of: label, in: doubled)
            // So many that the weights that were left have hardly a say.
            let (plain, fitted, records) = try reconstructed(doubled, plan, count: 2048)
            let unseen = input(of: doubled, seed: 2)
            #expect(records.count == 1)
            #expect(try error(of: plain, from: doubled, on: unseen) > 1e-3, "\(graph.name)")
            #expect(try error(of: fitted, from: doubled, on: unseen) < 1e-5, "\(graph.name)")
        }
    }

    @Test func `Few samples do not lead a layer astray`() throws {
        let graph = TinyGraphs.flattenToLinear()
        let plan = try plan(removing: [1, 3], of: "conv", in: graph)
        for count in [2, 8, 32] {
            let (plain, fitted, _) = try reconstructed(graph, plan, count: count)
            let unseen = input(of: graph, seed: 2)
            #expect(try error(of: fitted, from: graph, on: unseen) < error(of: plain, from: graph, on: unseen))
        }
    }

    @Test func `A layer of very many inputs is fitted a part of them at a time`() throws {
        let graph = TinyGraphs.residual()
        let plan = try plan(removing: [0, 2, 3], of: "conv1", in: graph)
        let unseen = input(of: graph, seed: 2)
        // Three channels of nine inputs are left: at once, in two parts, and in three.
        let least = try #require(try reconstructed(graph, plan, count: 512).records.first).errorAfter
        for mostInputs in [14, 10] {
            let (plain, fitted, records) = try reconstructed(graph, plan, count: 512, mostInputs: mostInputs)
            #expect(try #require(records.first).errorAfter > least)
            #expect(try error(of: fitted, from: graph, on: unseen) < 0.1 * error(of: plain, from: graph, on: unseen))
        }
    }

    @Test(arguments: TinyGraphs.names) func `No layer is worse than with the weights that were left`(
        name: String
    ) throws {
        let graph = try #require(TinyGraphs.named(name))
        let groups = try ChannelGroups(of: graph).groups
        for (index, group) in groups.enumerated() where group.isPrunable && group.channelCount > 1 {
            let plan = plan(removing: Array(0..<group.channelCount / 2), of: index, groups)
            let (plain, fitted, records) = try reconstructed(graph, plan)
            for record in records {
                #expect(record.errorAfter <= record.errorBefore + 1e-6, "\(record)")
            }
            // Only numbers change.
            #expect(fitted.nodes.count == plain.nodes.count)
            for (value, data) in plain.constants { #expect(fitted.constants[value]?.type == data.type) }
        }
    }

    @Test func `No other weights come nearer`() throws {
        let graph = TinyGraphs.residual()
        let plan = try plan(removing: [0, 2, 3], of: "conv1", in: graph)
        let (_, fitted, _) = try reconstructed(graph, plan)
        let seen = input(of: graph)
        // What the fitted layer adds to is the sum, which alone is read: judge by that.
        let sum = try #require(graph.nodes.values.first { $0.name == "add" }?.outputs[0])
        func truncated(_ graph: Graph) -> Graph {
            var graph = graph
            graph.addOutput(sum)
            return graph
        }
        let best = try error(of: truncated(fitted), from: truncated(graph), on: seen)
        for seed in 0..<8 as Range<UInt64> {
            var random = SeededGenerator(seed: seed).stream("nudge")
            var nudged = fitted
            nudged.setNumbers("conv2.weight") { _, number in number + 0.02 * Float(random.uniform() - 0.5) }
            #expect(try error(of: truncated(nudged), from: truncated(graph), on: seen) > best - 1e-4 * best)
        }
    }
}
